import { word } from '../translate';
import type { Widget } from './widget';

/** TLS of a client depends on the scheme of the URL. The form shows the result and leaves the property unchanged. */
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
