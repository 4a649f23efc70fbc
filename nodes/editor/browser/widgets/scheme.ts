import { word } from '../translate';
import type { Widget } from './widget';

/** A client's TLS is no choice: the URL's scheme decides. The form says what it decided; the property is left alone. */
export function scheme(input: JQuery): Widget {
  const note = $('<span class="ix-told"></span>').insertAfter(input.hide());
  const url = $('#node-config-input-URL');
  const tell = () => {
    const text = String(url.val() ?? '').trim();
    note.text(word(/^(wss|https):/i.test(text) ? 'form.tlsOn' : /^(ws|http):/i.test(text) ? 'form.tlsOff' : 'form.tlsUnknown'));
  };
  url.on('change keyup paste', tell);
  tell();
  return { show: tell, read: () => undefined };
}
