"""Files as other tools save them: their own namespaces, prefixes and habits. Drawn anew; no tool's file is copied."""

import pytest

from engine.definition import SourceFile, lint
from engine.definition.markup import BPMN, parse
from engine.definition.report import Report

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def rules(content: str | bytes) -> list[str]:
    """The rules that refuse a file."""
    found = lint([SourceFile("m.bpmn", content.encode() if isinstance(content, str) else content)])
    return [f"{item.rule} {item.element}" for item in found if item.severity == "error"]


def camunda_7(condition: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{BPMN}" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" {XSI}
    xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d" targetNamespace="http://bpmn.io/schema/bpmn"
    modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.20.0">
  <bpmn:process id="p" isExecutable="true" camunda:historyTimeToLive="P30D">
    <bpmn:startEvent id="s" camunda:asyncBefore="true"><bpmn:extensionElements><camunda:formData>
      <camunda:formField id="amount" type="long" /></camunda:formData></bpmn:extensionElements></bpmn:startEvent>
    <bpmn:userTask id="u" camunda:assignee="${{who}}"><bpmn:extensionElements>
      <camunda:taskListener class="a.B" event="create" /></bpmn:extensionElements></bpmn:userTask>
    <bpmn:serviceTask id="w" camunda:delegateExpression="${{bean}}" />
    <bpmn:exclusiveGateway id="x" default="no" /><bpmn:endEvent id="e1" /><bpmn:endEvent id="e2" />
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="u" /><bpmn:sequenceFlow id="f2" sourceRef="u" targetRef="w" />
    <bpmn:sequenceFlow id="f3" sourceRef="w" targetRef="x" /><bpmn:sequenceFlow id="no" sourceRef="x" targetRef="e1" />
    <bpmn:sequenceFlow id="yes" sourceRef="x" targetRef="e2">{condition}</bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>"""


@pytest.mark.parametrize(("written", "refused"), [
    ("amount &gt; 100", []), ("= amount &gt; 100", []),
    ("${amount &gt; 100}", ["expression-language yes"]), ("#{amount &gt; 100}", ["expression-language yes"]),
    ("amount == 100 &amp;&amp; true", ["feel-syntax yes"])])
def test_camunda_7(written, refused):
    condition = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{written}</bpmn:conditionExpression>'
    assert rules(camunda_7(condition)) == refused


@pytest.mark.parametrize("language", ["groovy", "javascript", "http://www.w3.org/1999/XPath", "juel"])
def test_a_language_that_an_expression_names_is_believed(language):
    condition = (f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="{language}">amount &gt; 100'
                 '</bpmn:conditionExpression>')
    assert rules(camunda_7(condition)) == ["expression-language yes"]


def test_flowable_and_activiti():
    assert rules(f"""<?xml version='1.0' encoding='UTF-8'?>
<definitions xmlns="{BPMN}" xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" typeLanguage="http://www.w3.org/2001/XMLSchema"
    expressionLanguage="http://www.w3.org/1999/XPath" targetNamespace="http://www.flowable.org/processdef">
  <process id="p" name="x" isExecutable="true" flowable:candidateStarterGroups="g">
    <startEvent id="s" flowable:formFieldValidation="true" /><sequenceFlow id="f1" sourceRef="s" targetRef="u" />
    <userTask id="u" activiti:assignee="$INITIATOR"><extensionElements>
      <flowable:formProperty id="a" type="string" /></extensionElements></userTask>
    <sequenceFlow id="f2" sourceRef="u" targetRef="w" /><serviceTask id="w" flowable:delegateExpression="${{a}}" />
    <sequenceFlow id="f3" sourceRef="w" targetRef="e" /><endEvent id="e" />
  </process>
</definitions>""") == []


SIGNAVIO = f"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="{BPMN}" xmlns:signavio="http://www.signavio.com" {XSI} id="sid-d" exporter="Signavio Process Editor"
    expressionLanguage="http://www.w3.org/TR/XPath" typeLanguage="http://www.w3.org/2001/XMLSchema"
    targetNamespace="http://www.signavio.com">
  <extensionElements><signavio:signavioDiagramMetaData metaKey="revisionid" metaValue="1" /></extensionElements>
  <collaboration id="sid-c"><participant id="sid-p" name="Pool" processRef="p" />
    <participant id="sid-q" name="Black box" /><messageFlow id="mf" sourceRef="t" targetRef="sid-q" /></collaboration>
  <process id="p" isClosed="false" isExecutable="false" processType="None">
    <laneSet id="ls"><lane id="l"><extensionElements><signavio:signavioMetaData metaKey="bgcolor" metaValue="" />
      </extensionElements><flowNodeRef>s</flowNodeRef><flowNodeRef>t</flowNodeRef><flowNodeRef>e</flowNodeRef></lane>
    </laneSet>
    <startEvent id="s" isInterrupting="true" name=""><outgoing>f1</outgoing></startEvent>
    <task completionQuantity="1" id="t" isForCompensation="false" name="T" startQuantity="1">
      <incoming>f1</incoming><outgoing>f2</outgoing></task>
    <endEvent id="e" name=""><incoming>f2</incoming></endEvent>
    <sequenceFlow id="f1" isImmediate="true" sourceRef="s" targetRef="t" />
    <sequenceFlow id="f2" isImmediate="true" sourceRef="t" targetRef="e" />
  </process>
</definitions>"""


@pytest.mark.parametrize("executable", [' isExecutable="false"', ' isExecutable="true"', ""])
def test_signavio(executable):
    assert rules(SIGNAVIO.replace(' isExecutable="false"', executable)) == []


def test_bizagi_leaves_conditions_empty():
    assert rules(f"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="{BPMN}" {XSI} id="_20" targetNamespace="http://www.bizagi.com/definitions/_20">
  <process id="Id_p" name="P" isExecutable="false"><documentation />
    <extensionElements><bizagi:BizagiExtensions xmlns:bizagi="http://www.bizagi.com/bpmn20">
      <bizagi:BizagiProperties /></bizagi:BizagiExtensions></extensionElements>
    <startEvent id="Id_s"><extensionElements /><outgoing>Id_1</outgoing></startEvent>
    <task id="Id_t" name="T"><incoming>Id_1</incoming><outgoing>Id_2</outgoing></task>
    <exclusiveGateway id="Id_x" gatewayDirection="Diverging"><incoming>Id_2</incoming><outgoing>Id_3</outgoing>
      <outgoing>Id_4</outgoing></exclusiveGateway>
    <endEvent id="Id_a"><incoming>Id_3</incoming></endEvent><endEvent id="Id_b"><incoming>Id_4</incoming></endEvent>
    <sequenceFlow id="Id_1" sourceRef="Id_s" targetRef="Id_t" />
    <sequenceFlow id="Id_2" sourceRef="Id_t" targetRef="Id_x" />
    <sequenceFlow id="Id_3" name="yes" sourceRef="Id_x" targetRef="Id_a"><conditionExpression /></sequenceFlow>
    <sequenceFlow id="Id_4" name="no" sourceRef="Id_x" targetRef="Id_b" />
  </process>
</definitions>""") == []


DATA = f"""<semantic:definitions xmlns:semantic="{BPMN}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" {XSI} id="_1"
    targetNamespace="http://www.trisotech.com/_1">
  <semantic:dataStore id="ds" name="Store" /><semantic:itemDefinition id="item" structureRef="xsd:string" />
  <semantic:process id="p" isExecutable="true">
    <semantic:ioSpecification><semantic:inputSet /><semantic:outputSet /></semantic:ioSpecification>
    <semantic:property id="pr" name="x" /><semantic:dataObject id="do" name="Doc" isCollection="true" />
    <semantic:dataObjectReference id="dor" dataObjectRef="do" />
    <semantic:dataStoreReference id="dsr" dataStoreRef="ds" />
    <semantic:startEvent id="s" /><semantic:endEvent id="e" />
    <semantic:task id="t" name="木棉">
      <semantic:ioSpecification><semantic:dataInput id="di" name="in" /><semantic:dataOutput id="dout" name="out" />
        <semantic:inputSet><semantic:dataInputRefs>di</semantic:dataInputRefs></semantic:inputSet>
        <semantic:outputSet><semantic:dataOutputRefs>dout</semantic:dataOutputRefs></semantic:outputSet>
      </semantic:ioSpecification>
      <semantic:dataInputAssociation id="a1"><semantic:sourceRef>dor</semantic:sourceRef>
        <semantic:targetRef>di</semantic:targetRef></semantic:dataInputAssociation>
      <semantic:dataOutputAssociation id="a2"><semantic:sourceRef>dout</semantic:sourceRef>
        <semantic:targetRef>dsr</semantic:targetRef></semantic:dataOutputAssociation></semantic:task>
    <semantic:sequenceFlow id="f1" sourceRef="s" targetRef="t" /><semantic:sequenceFlow id="f2" sourceRef="t"
      targetRef="e" /><semantic:textAnnotation id="ta"><semantic:text>Note</semantic:text></semantic:textAnnotation>
    <semantic:association id="as" sourceRef="t" targetRef="ta" /><semantic:group id="gr" />
  </semantic:process>
</semantic:definitions>"""


def test_data_with_another_prefix():
    assert rules(DATA) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_encodings(encoding):
    report = Report("m.bpmn")
    root = parse(f'<?xml version="1.0" encoding="{encoding}"?>{DATA}'.encode(encoding), report)
    assert root is not None
    assert "木棉" in {node.get("name") for node in root.iter()}
