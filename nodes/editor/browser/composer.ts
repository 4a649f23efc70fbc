/** A line in which a user writes a message to try a socket with it: below *Test connection*, and in the sidebar. */
import type { Composed } from '../../composed';
import { composedOf, savedIn, type WrittenForm, without, withSaved, writtenForms } from '../live/composed';
import { element, iconButton, setText } from './sidebar/dom';
import { word } from './translate';

/** The keys of the names of the forms. */
const names: Record<WrittenForm, string> = {
  text: 'composer.text',
  json: 'composer.json',
  hex: 'composer.hex',
  base64: 'composer.base64',
  request: 'composer.request',
};

export interface ComposerOwner {
  /** Sends a message. Resolves with a sentence about the result. */
  send(message: Composed): PromiseLike<{ readonly isGood: boolean; readonly text: string }>;
  /** The config node that keeps messages, if there is one. */
  node(): EditedNode | undefined;
}

export class Composer {
  readonly element = element('div', 'ix-composer');
  private readonly form = element('select', 'ix-composer-form') as HTMLSelectElement;
  private readonly text = element('textarea', 'ix-composer-text') as HTMLTextAreaElement;
  private readonly saved = element('select', 'ix-composer-saved') as HTMLSelectElement;
  private readonly sendButton: HTMLButtonElement;
  private readonly keepButton: HTMLButtonElement;
  private readonly dropButton: HTMLButtonElement;
  private readonly result = element('div', 'ix-composer-result');

  constructor(private readonly owner: ComposerOwner) {
    this.showForms(writtenForms);
    this.form.setAttribute('aria-label', word('composer.form'));
    this.text.rows = 2;
    this.text.placeholder = word('composer.message');
    this.text.setAttribute('aria-label', word('composer.message'));
    this.saved.setAttribute('aria-label', word('composer.saved'));
    this.result.setAttribute('role', 'status');
    this.sendButton = iconButton('paper-plane', word('composer.send'), () => this.send());
    this.keepButton = iconButton('floppy-o', word('composer.keep'), () => this.keep(withSaved));
    this.dropButton = iconButton('trash', word('composer.drop'), () => this.keep(without));
    this.text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.send();
    });
    this.saved.addEventListener('change', () => this.choose());
    // In a form these would count as changes of the options.
    for (const kind of ['input', 'change', 'keyup', 'paste']) this.element.addEventListener(kind, (event) => event.stopPropagation());
    this.element.append(
      element('div', 'ix-composer-row', this.form, this.text, this.sendButton),
      element('div', 'ix-composer-row', this.saved, this.keepButton, this.dropButton),
      this.result,
    );
    this.refresh();
  }

  /** Offers these forms of a message. */
  showForms(forms: readonly WrittenForm[]): void {
    const before = this.form.value;
    this.form.replaceChildren(...forms.map((form) => option(form, word(names[form]))));
    if (forms.includes(before as WrittenForm)) this.form.value = before;
  }

  /** Shows the messages that the node keeps. */
  refresh(): void {
    const node = this.owner.node();
    this.saved.hidden = this.keepButton.hidden = this.dropButton.hidden = !node;
    const messages = savedIn(node?.messages);
    const short = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
    const options = messages.map(({ form, text }, index) => option(String(index), `${word(names[form])}: ${short(text)}`));
    this.saved.replaceChildren(option('', word(messages.length > 0 ? 'composer.choose' : 'composer.none')), ...options);
    this.saved.disabled = messages.length === 0;
  }

  /** Shows the result of the latest message, or nothing. */
  tell(text: string, isGood = true): void {
    setText(this.result, text);
    this.result.classList.toggle('ix-composer-bad', !isGood);
  }

  private get written() {
    return { form: this.form.value as WrittenForm, text: this.text.value };
  }

  private send(): void {
    const message = composedOf(this.written);
    if ('problem' in message) return this.tell(word(message.problem), false);
    this.sendButton.disabled = true;
    this.tell(word('composer.sending'));
    const done = (text: string, isGood: boolean) => {
      this.sendButton.disabled = false;
      this.tell(text, isGood);
    };
    this.owner.send(message).then(
      ({ text, isGood }) => done(text, isGood),
      () => done(word('composer.silent'), false),
    );
  }

  private choose(): void {
    const message = savedIn(this.owner.node()?.messages)[Number(this.saved.value)];
    if (this.saved.value === '' || !message) return;
    this.form.value = message.form;
    this.text.value = message.text;
  }

  /** Changes the messages of the node, which are stored at the next deploy. */
  private keep(change: typeof withSaved): void {
    const node = this.owner.node();
    if (!node || this.text.value === '') return;
    node.messages = change(savedIn(node.messages), this.written);
    node.changed = true;
    RED.nodes.dirty(true);
    this.refresh();
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const made = element('option', '', text) as HTMLOptionElement;
  made.value = value;
  return made;
}
