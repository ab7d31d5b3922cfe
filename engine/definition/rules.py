"""Every rule a diagram is held to: id → (severity, what was expected and what was found).

An ``error`` refuses the deployment, a ``warning`` is a remark. The texts are English and complete; the edge says them
in Chinese from the rule id and the parameters. ``{element}`` is the id of the element. Sources: BPMN 2.0.2 (clause in
the group's comment), DMN, docs/dialect.md.
"""

ERROR = "error"
WARNING = "warning"

FILES = {
    "file-too-large": (ERROR, "Expected a file of at most {limit} bytes, but it has {bytes}."),
    "file-kind": (ERROR, "Expected a BPMN diagram, a DMN model or a form, but the root element is '{found}'."),
    "doctype": (ERROR, "Expected a file without DOCTYPE, but it declares one."),
    "xml-syntax": (ERROR, "Expected well-formed XML, but {reason}."),
    "xml-encoding": (ERROR, "Expected UTF-8, UTF-16 or a common national encoding, but the file is in {encoding}."),
    "nesting-too-deep": (ERROR, "Expected elements nested at most {limit} deep, but they go deeper."),
    "too-many-elements": (ERROR, "Expected at most {limit} elements in a file, but there are {count}."),
    "schema": (ERROR, "Expected a file that is valid by the BPMN 2.0 schema, but {reason}."),
    "no-process": (ERROR, "Expected at least one process, but the file has none."),
    "form-syntax": (ERROR, "Expected a form as a JSON object with an id, but {reason}."),
    "duplicate-process": (ERROR, "Expected process ids to be unique, but '{element}' is also in {other}."),
    "duplicate-decision": (ERROR, "Expected decision ids to be unique, but '{element}' is also in {other}."),
    "duplicate-form": (ERROR, "Expected form ids to be unique, but '{element}' is also in {other}."),
    "missing-id": (ERROR, "Expected every {kind} to have an id, but this one has none."),
    "duplicate-id": (ERROR, "Expected the id '{element}' to be used once, but a second {kind} has it."),
    "unknown-reference": (ERROR, "Expected '{name}' to be a {kind} of this file, but there is none."),
    "quantity": (ERROR, "Expected the {what} of '{element}' to be a number of tokens from 1 to 999, but it is "
                        "'{text}'."),
    "language-uri": (ERROR, "Expected {attribute} to be a URI, but it is '{text}'."),
    "participant-multiplicity": (ERROR, "Expected participant '{element}' to take part at least 0 to at least 1 times, "
                                        "but it is {low} to {high}."),
    "data-declaration": (ERROR, "Expected the data declared at '{element}' to hang together, but {reason}."),
    "wrong-reference": (ERROR, "Expected '{name}' to be {expected}, but it is {found}."),
    "import-unsupported": (ERROR, "Expected everything in the files deployed together, but '{name}' is imported."),
}

# BPMN 8.4.13, 7.6, 10.2: sequence flows, message flows, artifacts
FLOWS = {
    "flow-end": (ERROR, "Expected sequence flow '{element}' to join two flow nodes of one process, but its {end} "
                        "'{name}' is {found}."),
    "flow-crosses-scope": (ERROR, "Expected sequence flow '{element}' to stay inside one (sub-)process, but it leads "
                                  "from '{source}' to '{target}'."),
    "flow-list": (ERROR, "Expected '{element}' to list as {direction} only its own sequence flows, but '{flow}' is "
                         "not one of them."),
    "flow-not-listed": (ERROR, "Expected '{name}' to list sequence flow '{element}' as {direction}, as the other "
                               "elements of the file do, but it does not."),
    "condition-source": (ERROR, "Expected a condition only on flows that leave an activity or an exclusive, inclusive "
                                "or complex gateway, but '{element}' leaves {source}."),
    "condition-single": (ERROR, "Expected activity '{source}' to have a second outgoing flow beside the conditional "
                                "'{element}', but it is the only one."),
    "default-foreign": (ERROR, "Expected the default flow of '{element}' to be one of its outgoing flows, but '{flow}' "
                               "is not."),
    "default-condition": (ERROR, "Expected the default flow '{flow}' of '{element}' to have no condition, but it has "
                                 "one."),
    "message-flow-end": (ERROR, "Expected message flow '{element}' to join pools, message events or tasks, but its "
                                "{end} '{name}' is {found}."),
    "message-flow-pool": (ERROR, "Expected message flow '{element}' to lead from one pool to another, but both ends "
                                 "are in '{pool}'."),
    "message-flow-trigger": (ERROR, "Expected '{name}' to be a message event, because message flow '{element}' "
                                    "touches it, but it is triggered by {found}."),
    "association-end": (ERROR, "Expected association '{element}' to join two elements of the file, but '{name}' is "
                               "unknown."),
    "lane-member": (ERROR, "Expected lane '{element}' to hold flow nodes of its own process, but '{name}' is not one."),
}

# BPMN 10.5: events
EVENTS = {
    "event-trigger": (ERROR, "Expected {position} '{element}' to be triggered by one of {expected}, but it is "
                             "{found}."),
    "start-incoming": (ERROR, "Expected start event '{element}' to have no incoming flow, but it has one."),
    "start-outgoing": (ERROR, "Expected start event '{element}' to have an outgoing flow, but it has none."),
    "start-must-interrupt": (ERROR, "Expected '{element}' to interrupt, because {trigger} events always do."),
    "start-several-none": (WARNING, "Expected at most one none start event in a process, but '{element}' is a further "
                                    "one; only the first is used."),
    "end-outgoing": (ERROR, "Expected end event '{element}' to have no outgoing flow, but it has one."),
    "end-incoming": (ERROR, "Expected end event '{element}' to have an incoming flow, but it has none."),
    "start-required": (ERROR, "Expected '{element}' to have a start event, because it has an end event, but it has "
                              "none."),
    "end-required": (ERROR, "Expected '{element}' to have an end event, because it has a start event, but it has "
                             "none."),
    "catch-incoming": (ERROR, "Expected intermediate event '{element}' to have an incoming flow, but it has none."),
    "catch-outgoing": (ERROR, "Expected intermediate event '{element}' to have an outgoing flow, but it has none."),
    "boundary-attached": (ERROR, "Expected boundary event '{element}' to be attached to an activity of its own scope, "
                                 "but '{name}' is {found}."),
    "boundary-incoming": (ERROR, "Expected boundary event '{element}' to have no incoming flow, but it has one."),
    "boundary-outgoing": (ERROR, "Expected boundary event '{element}' to have an outgoing flow, but it has none."),
    "boundary-must-interrupt": (ERROR, "Expected boundary event '{element}' to interrupt, because {trigger} events "
                                       "always do."),
    "cancel-outside-transaction": (ERROR, "Expected cancel event '{element}' to belong to a transaction, but it does "
                                          "not."),
    "link-name": (ERROR, "Expected link event '{element}' to have a name, but it has none."),
    "link-pair": (ERROR, "Expected link '{name}' of '{element}' to have a {missing} event in the same scope, but there "
                         "is none."),
    "link-several-targets": (ERROR, "Expected one catching link event named '{name}' in a scope, but '{element}' is a "
                                    "further one."),
    "link-flow": (ERROR, "Expected link event '{element}' to have no {direction} flow, but it has one."),
    "link-multiple": (ERROR, "Expected link event '{element}' to have no other trigger, but it has {count}."),
    "timer-one": (ERROR, "Expected timer '{element}' to have exactly one of date, duration and cycle, but it has "
                         "{count}."),
    "timer-literal": (ERROR, "Expected the {kind} of timer '{element}' to be ISO 8601 or FEEL (= …), but it is "
                             "'{text}'."),
    "condition-missing": (ERROR, "Expected conditional event '{element}' to have a condition, but it has none."),
    "message-missing": (ERROR, "Expected '{element}' to name its message, but it names none."),
    "signal-missing": (ERROR, "Expected '{element}' to name its signal, but it names none."),
    "error-code-missing": (ERROR, "Expected '{element}' to throw an error with a code, but it has none."),
    "escalation-code-missing": (ERROR, "Expected '{element}' to throw an escalation with a code, but it has none."),
    "compensation-activity": (ERROR, "Expected '{element}' to compensate an activity that it can see and that has a "
                                     "handler, but '{name}' is {found}."),
    "compensation-handler": (ERROR, "Expected compensation boundary event '{element}' to be associated with one "
                                    "activity marked for compensation, but {found}."),
    "compensation-flow": (ERROR, "Expected '{element}', which serves compensation, to have no sequence flow, but it "
                                 "has one."),
    "parallel-multiple": (ERROR, "Expected '{element}' to have several triggers, because it is parallel multiple, but "
                                 "it has {count}."),
    "caught-twice": (WARNING, "Expected one event at '{place}' to catch {trigger} '{name}', but '{element}' does "
                              "beside '{rival}'; only one of them gets it."),
    "error-uncaught": (WARNING, "Expected error '{code}' of '{element}' to be caught by a boundary event or an event "
                                "sub-process, but nothing in this process does; it becomes an incident."),
    "error-never-thrown": (WARNING, "Expected '{element}' to catch an error that can be thrown inside "
                                    "'{attached}', but nothing there throws one."),
}

# BPMN 10.6: gateways
GATEWAYS = {
    "gateway-direction": (ERROR, "Expected {direction} gateway '{element}' to have {expected}, but it has {incoming} "
                                 "incoming and {outgoing} outgoing."),
    "gateway-useless": (ERROR, "Expected gateway '{element}' to have several incoming or several outgoing flows, but "
                               "it has {incoming} and {outgoing}."),
    "gateway-unconditional": (ERROR, "Expected exclusive gateway '{element}' to have at most one outgoing flow without "
                                     "a condition, but it has {count}: only the first would ever be taken."),
    "gateway-missing-condition": (WARNING, "Expected flow '{flow}' of gateway '{element}' to have a condition or to be "
                                           "its default, but it is neither."),
    "gateway-no-default": (WARNING, "Expected gateway '{element}' to have a default flow for the case that no "
                                    "condition holds, but it has none."),
    "event-gateway-outgoing": (ERROR, "Expected event-based gateway '{element}' to have at least two outgoing "
                                      "flows, but it has {count}."),
    "event-gateway-target": (ERROR, "Expected event-based gateway '{gateway}' to be followed by message, timer, "
                                    "signal, conditional or multiple catch events or receive tasks, but '{element}' is "
                                    "{found}."),
    "event-gateway-mixed": (ERROR, "Expected event-based gateway '{element}' to wait for messages by events or by "
                                   "receive tasks, but it uses both."),
    "event-gateway-incoming": (ERROR, "Expected '{element}' to be entered only from event-based gateway '{gateway}', "
                                      "but it has another incoming flow."),
    "event-gateway-boundary": (ERROR, "Expected receive task '{element}' after an event-based gateway to have no "
                                      "boundary event, but it has one."),
    "event-gateway-instantiate": (ERROR, "Expected instantiating '{element}' to have no incoming flow, but it has "
                                         "one."),
    "event-gateway-parallel": (ERROR, "Expected event-based gateway '{element}' to instantiate, because it is "
                                      "parallel, but it does not."),
    "activation-condition": (ERROR, "Expected complex gateway '{element}' to have an activation condition for its "
                                    "several incoming flows, but it has none."),
}

# BPMN 10.3: activities, sub-processes, loops
ACTIVITIES = {
    "instantiate-incoming": (ERROR, "Expected instantiating receive task '{element}' to have no incoming flow, but it "
                                    "has one."),
    "instantiate-nested": (ERROR, "Expected '{element}' to start the process only at its top level, but it is inside "
                                  "'{scope}'."),
    "sub-process-start": (ERROR, "Expected sub-process '{element}' to have {expected}, but it has {count}."),
    "sub-process-empty": (WARNING, "Expected sub-process '{element}' to hold something, but it is empty; it is "
                                   "passed."),
    "event-sub-process-flow": (ERROR, "Expected event sub-process '{element}' to have no sequence flow, but it has "
                                      "one."),
    "event-sub-process-boundary": (ERROR, "Expected event sub-process '{attached}' to have no boundary event, but "
                                          "'{element}' is attached to it."),
    "handler-unused": (WARNING, "Expected '{element}', which serves compensation, to be associated with a compensation "
                                "boundary event, but it is not."),
    "ad-hoc-content": (ERROR, "Expected ad-hoc sub-process '{scope}' to have no start or end event and at least one "
                              "activity, but {found}."),
    "ad-hoc-completion": (WARNING, "Expected ad-hoc sub-process '{element}' to say when it is complete, but it has no "
                                   "completion condition; it ends when nothing in it is active."),
    "multi-instance-count": (ERROR, "Expected multi-instance '{element}' to have a collection or a cardinality, but it "
                                    "has {found}."),
    "multi-instance-behavior": (ERROR, "Expected multi-instance '{element}' of behavior {behavior} to throw a message, "
                                       "signal, escalation or error with a name or code, but {found}."),
    "multi-instance-silent": (WARNING, "Expected multi-instance '{element}' of behavior {behavior} to name the event "
                                       "that its instances throw, but it names none; nothing can catch it."),
    "multi-instance-output": (ERROR, "Expected multi-instance '{element}' to have both an output collection and an "
                                     "output element or neither, but one is missing."),
    "loop-condition": (ERROR, "Expected the loop of '{element}' to have a condition or a maximum, but it has "
                               "neither."),
    "loop-maximum": (ERROR, "Expected the loop maximum of '{element}' to be a whole number above 0, but it is "
                             "'{text}'."),
    "no-incoming": (ERROR, "Expected '{element}' to have an incoming flow, because its scope has a start event, but it "
                           "has none."),
    "no-outgoing": (ERROR, "Expected '{element}' to have an outgoing flow, because its scope has an end event, but it "
                           "has none."),
    "unreachable": (ERROR, "Expected '{element}' to be reachable from a start, but nothing leads to it."),
    "endless-cycle": (ERROR, "Expected the cycle through '{element}' to wait somewhere or to have an exit, but it has "
                             "neither: {path}."),
    "implicit-start": (WARNING, "Expected '{element}' to have a start event, but it starts implicitly at {entries}."),
    "implicit-end": (WARNING, "Expected '{element}' to have an end event, but its paths end where no flow goes on."),
}

# docs/dialect.md: what executes
DIALECT = {
    "unknown-zeebe-element": (ERROR, "Expected only zeebe elements of the dialect, but '{element}' has zeebe:{name}."),
    "zeebe-attribute": (WARNING, "Expected only attributes of the dialect, but zeebe:{name} of '{element}' has "
                                 "'{text}', which has no effect."),
    "zeebe-placement": (ERROR, "Expected zeebe:{name} on {expected}, but '{element}' is a {kind}."),
    "unsupported-element": (ERROR, "Expected an element that can be executed, but '{element}' is a {kind}."),
    "feel-syntax": (ERROR, "Expected {what} of '{element}' to be FEEL, but {reason} (line {row}, column {column} of "
                           "'{text}')."),
    "expression-language": (ERROR, "Expected {what} of '{element}' to be FEEL, but it is written in {language}: "
                                   "'{text}'. Write it without ${{ }}, for example: = amount > 100."),
    "mapping-target": (ERROR, "Expected the target of a mapping of '{element}' to be a variable name or dotted path, "
                              "but it is '{text}'."),
    "called-process-start": (ERROR, "Expected process '{process}', called by '{element}', to have a none start event, "
                                    "but every start waits for something."),
    "formal-expression": (WARNING, "Expected the {what} of '{element}' to be a formal expression (xsi:type), but it is "
                                   "not marked as one; it is read as FEEL."),
    "script-language": (ERROR, "Expected script task '{element}' to use zeebe:script with FEEL, but it is written in "
                               "'{language}'."),
    "script-missing": (ERROR, "Expected the zeebe:script of script task '{element}' to have an expression, but it has "
                              "none."),
    "script-empty": (WARNING, "Expected script task '{element}' to have a zeebe:script, but it has none; it passes "
                              "through like an undefined task."),
    "job-type-missing": (WARNING, "Expected '{element}' to name its operation with zeebe:taskDefinition, but it does "
                                  "not; it becomes an external job of type '{element}'."),
    "job-retries": (ERROR, "Expected the retries of '{element}' to be a whole number, but they are '{text}'."),
    "called-process-missing": (ERROR, "Expected call activity '{element}' to name the process it calls, but it names "
                                      "none."),
    "called-process-dynamic": (ERROR, "Expected '{element}' to name its {kind} as a literal, bound at deployment, but "
                                      "it is the expression '{text}'."),
    "called-process-unknown": (ERROR, "Expected process '{process}', called by '{element}', to be deployed with it or "
                                      "before, but it is not."),
    "called-decision-missing": (ERROR, "Expected '{element}' to name its decision and a result variable, but "
                                       "{missing} is missing."),
    "called-decision-unknown": (ERROR, "Expected decision '{decision}', called by '{element}', to be deployed with it "
                                       "or before, but it is not."),
    "form-reference": (ERROR, "Expected '{element}' to name its form by formId, but it uses {found}."),
    "form-unknown": (ERROR, "Expected form '{form}' of '{element}' to be deployed with it or before, but it is not."),
    "priority": (ERROR, "Expected the priority of '{element}' to be a whole number from 0 to 100 or FEEL, but it is "
                        "'{text}'."),
    "schedule-literal": (ERROR, "Expected the {what} of '{element}' to be an ISO 8601 instant or FEEL, but it is "
                                "'{text}'."),
}

# Remarks for designers
REMARKS = {
    "missing-label": (WARNING, "Expected {kind} '{element}' to have a label, but it has none."),
    "unused-root": (WARNING, "Expected {kind} '{name}' to be used, but no element refers to it."),
    "no-diagram": (WARNING, "Expected a drawing (BPMN DI) in the file, but it has none."),
    "not-drawn": (WARNING, "Expected '{element}' to be drawn, but the diagram has no shape for it."),
    "wait-without-exit": (WARNING, "Expected the wait at '{element}' to have a deadline or a way to withdraw, but it "
                                   "has neither a boundary event nor an alternative."),
    "starter-unnamed": (WARNING, "Expected process '{element}' to say who starts it (startableBy, or role of its none "
                                "start event), but it says neither: no outsider may, and nobody is offered it."),
    "expiry-twice": (WARNING, "Expected one confirmation of the expiry at '{element}', but an officer confirms it "
                              "before '{task}' is reached; say expiry = diagram at '{element}' when '{task}' is that "
                              "confirmation, expiry = engine when it is other work."),
    "expiry-unasked": (WARNING, "Expected a user task right after '{element}', which says that the diagram confirms "
                                "the expiry, but there is none."),
    "expiry-word": (ERROR, "Expected expiry of '{element}' to be engine or diagram, but it is '{text}'."),
    "unknown-deadline": (WARNING, "Expected a key of the rule table in '{element}', but '{key}' is not there."),
    "soundness-deadlock": (WARNING, "Expected every path to reach the end, but tokens can get stuck at {places}."),
    "soundness-leftover": (WARNING, "Expected one token a flow, but a second one can reach '{element}'."),
    "soundness-dead": (WARNING, "Expected '{element}' to be executed by some path, but none reaches it."),
    "soundness-unknown": (WARNING, "Expected at most {limit} states, but the process has more; soundness was not "
                                   "decided."),
}

# DMN 1.1–1.5
DECISIONS = {
    "dmn-structure": (ERROR, "Expected a valid DMN model, but {reason}."),
    "dmn-version": (ERROR, "Expected DMN 1.1 to 1.5, but the namespace is '{namespace}'."),
    "dmn-feel": (ERROR, "Expected {what} of '{element}' to be FEEL, but {reason} (line {row}, column {column} of "
                        "'{text}')."),
    "dmn-reference": (ERROR, "Expected '{element}' to require something of the model, but '{name}' is unknown."),
    "dmn-cycle": (ERROR, "Expected requirements without a cycle, but '{element}' requires itself: {path}."),
    "dmn-language": (ERROR, "Expected FEEL, but '{element}' uses expression language '{language}'."),
}

RULES: dict[str, tuple[str, str]] = {**FILES, **FLOWS, **EVENTS, **GATEWAYS, **ACTIVITIES, **DIALECT, **REMARKS,
                                     **DECISIONS}
