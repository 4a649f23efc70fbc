import { word } from '../translate';

/**
 * Two alternative elements for one property: the default control, and a text field for `${NAME}`. The visible one has
 * the id by which Node-RED, its validation and the label find a property.
 */
export class EnvToggle {
  private readonly id: string;
  private readonly text: JQuery;
  private readonly button: JQuery;
  inText = false;

  constructor(private readonly control: JQuery) {
    this.id = control.attr('id') ?? '';
    this.text = $('<input type="text" class="ix-control">').attr('placeholder', '${NAME}').hide().insertAfter(control);
    this.button = envButton(control.closest('.form-row'), () => this.switchTo(!this.inText));
    this.text.on('change keyup paste', () => void control.trigger('change'));
  }

  showText(text: string): void {
    this.text.val(text);
    this.switchTo(true);
  }

  readText(): string {
    return String(this.text.val() ?? '');
  }

  private switchTo(toText: boolean): void {
    this.inText = toText;
    this.control.toggle(!toText).attr('id', toText ? null : this.id);
    this.text.toggle(toText).attr('id', toText ? this.id : null);
    showsText(this.button, toText);
    this.control.trigger('change');
  }
}

/** The keys of the button's tooltips. */
const environmentWords = { button: '${ }', text: 'form.environment', control: 'form.control' };

/** Adds the button at the end of a row that switches between the control and the text field. */
export function envButton(row: JQuery, press: () => void, words = environmentWords): JQuery {
  const button = $('<button type="button" class="red-ui-button red-ui-button-small ix-env"></button>').text(words.button);
  showsText(button, false, words);
  return button.on('click', press).appendTo(row);
}

/** Updates the tooltip of the button to its next action. */
export function showsText(button: JQuery, inText: boolean, words = environmentWords): void {
  const title = word(inText ? words.control : words.text);
  button.toggleClass('selected', inText).attr({ title, 'aria-label': title, 'aria-pressed': String(inText) });
}
