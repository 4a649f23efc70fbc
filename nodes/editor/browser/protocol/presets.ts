import { isEmpty } from '../../values';
import { inputOf } from '../open-form';
import { word } from '../translate';
import type { Widget } from '../widgets/widget';

/** A key of the catalogue has no dots. */
const wordOf = (name: string) => word(`presets.${name.replaceAll('.', '_')}`);

/** The choice of a preset, each with its description. */
export function presetChoice(input: JQuery): Widget {
  const add = (value: string, text: string) => $('<option></option>').val(value).text(text).appendTo(input);
  add('', word('protocol.noPreset'));
  for (const name of Object.keys(presets)) add(name, `${name}: ${wordOf(name)}`);
  const tip = $('<div class="form-tips ix-tip"></div>').appendTo(input.closest('.form-row'));
  const follow = () => {
    const name = String(input.val() ?? '');
    const preset = presets[name];
    tip.empty().toggle(preset !== undefined);
    if (!preset) return;
    tip.append($('<span></span>').text(`${wordOf(name)} `));
    if (typeof preset.link === 'string' && preset.link.startsWith('https://')) {
      tip.append($('<a target="_blank" rel="noopener"></a>').attr('href', preset.link).text(word('protocol.document')));
    }
  };
  input.on('change', follow);
  return {
    show(value) {
      const name = isEmpty(value) ? '' : String(value);
      // The preset of a later version, or of another package.
      if (name !== '' && !presets[name]) add(name, name);
      input.val(name);
      follow();
    },
    read: () => String(input.val() ?? ''),
  };
}

/** The presets, as the build writes them into the page. */
const presets = IX_PRESETS;

const filled = ['format', 'separator', 'subProtocols', 'secrets', 'onOpen', 'answers', 'heartbeat', 'rpc'];

/** Fills the fields of a protocol when a preset is chosen. */
export function fillFromPreset(node: EditedNode, widgets: readonly { name: string; widget: Widget }[]): void {
  if (node.type !== 'ix-protocol') return;
  const choice = inputOf(node.type, 'preset');
  choice.on('change', () => {
    const preset = presets[String(choice.val() ?? '')];
    if (!preset) return;
    for (const { name, widget } of widgets.filter((each) => filled.includes(each.name))) {
      widget.show(preset[name] ?? '');
      inputOf(node.type, name).trigger('change');
    }
  });
}
