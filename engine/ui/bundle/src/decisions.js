// The editor of decision tables and their diagram: KapokDecisions.open(host, xml) answers {save, modeler, views}.
import Modeler from 'dmn-js/lib/Modeler';
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn.css';

globalThis.KapokDecisions = {
  async open(host, xml) {
    const modeler = new Modeler({ container: host });
    const { warnings } = await modeler.importXML(xml);
    return {
      modeler, warnings: warnings.map(({ message }) => message), views: modeler.getViews().map(({ type }) => type),
      show: type => modeler.open(modeler.getViews().find(view => view.type === type)),
      save: async () => (await modeler.saveXML({ format: true })).xml,
      close: () => modeler.destroy(),
    };
  },
};
