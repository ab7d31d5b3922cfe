// The editor of forms: KapokForms.open(host, schema) answers {save, editor}.
import { FormEditor } from '@bpmn-io/form-js-editor';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';

globalThis.KapokForms = {
  async open(host, schema) {
    const editor = new FormEditor({ container: host });
    const { warnings = [] } = await editor.importSchema(schema) ?? {};
    return {
      editor, warnings: warnings.map(({ message }) => message),
      save: () => editor.saveSchema(),
      close: () => editor.destroy(),
    };
  },
};
