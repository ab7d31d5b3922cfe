// The diagram editor of a designer's page: KapokModeler.open(host, xml) answers {save, modeler}.
// What the dialect says in zeebe elements is read with its own schema, so that it is kept as it was written.
import Modeler from 'bpmn-js/lib/Modeler';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';

globalThis.KapokModeler = {
  async open(host, xml) {
    const modeler = new Modeler({ container: host, moddleExtensions: { zeebe } });
    const { warnings } = await modeler.importXML(xml);
    return {
      modeler, warnings: warnings.map(({ message }) => message),
      save: async () => (await modeler.saveXML({ format: true })).xml,
      close: () => modeler.destroy(),
    };
  },
};
