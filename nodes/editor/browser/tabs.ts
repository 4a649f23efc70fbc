import { sections } from '../../../src/options/field';
import { word } from './translate';

/** Shows the sections of a form as tabs. Node-RED's own tabs support the mouse only; these support the keyboard too. */
export class Tabs {
  private readonly links: JQuery;
  private readonly activate: (id: string) => void = () => {};

  constructor(private readonly type: string) {
    const list = $(`#${type}-tabs`);
    const pages = $(`#${type}-tabs-content`).children();
    if (list.length > 0) {
      const tabs = RED.tabs.create({
        id: `${type}-tabs`,
        onchange: ({ id }) => {
          pages.hide().filter(`#${id}`).show();
          this.mark(id);
        },
      });
      for (const section of sections) {
        const id = `${type}-tab-${section}`;
        if ($(`#${id}`).length > 0) tabs.addTab({ id, label: word(`sections.${section}`) });
      }
      this.activate = (id) => tabs.activateTab(id);
      setTimeout(() => tabs.resize(), 0);
    }
    list.attr('role', 'tablist');
    list.children('li').attr('role', 'presentation');
    this.links = list.find('a.red-ui-tab-label').attr('role', 'tab');
    this.links.on('keydown', (event) => this.press(event));
    for (const page of pages.get()) $(page).attr({ role: 'tabpanel', 'aria-label': this.link(page.id).text().trim() });
    this.mark(pages.filter(':visible').attr('id') ?? '');
    this.markInvalid(pages);
  }

  /** Marks the tabs that have an invalid field. Node-RED marks invalid fields by a class after each check. */
  private markInvalid(pages: JQuery): void {
    const content = pages.parent()[0];
    if (!content) return;
    const marked = () => {
      for (const page of pages.get()) this.link(page.id).toggleClass('ix-invalid', $(page).find('.input-error').length > 0);
    };
    // It ends with the form, because nothing else references the form's elements.
    new MutationObserver(marked).observe(content, { subtree: true, attributes: true, attributeFilter: ['class'] });
    marked();
  }

  /** Brings an element into view, on any tab. */
  show(element: JQuery): void {
    const page = element.closest('.ix-section').attr('id');
    if (page) this.activate(page);
    element.closest('details').prop('open', true);
  }

  private link = (id: string) => $(`#${this.type}-tabs`).find(`a[href="#${id}"]`);

  private mark(id: string): void {
    const active = this.link(id);
    $(`#${this.type}-tabs`).find('a.red-ui-tab-label').attr({ 'aria-selected': 'false', tabindex: -1 });
    active.attr({ 'aria-selected': 'true', tabindex: 0 });
  }

  private press(event: JQuery.KeyDownEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Enter: 0, ' ': 0 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = this.links.index(event.currentTarget) + step;
    const next = this.links.eq((index + this.links.length) % this.links.length);
    this.activate((next.attr('href') ?? '').slice(1));
    next.trigger('focus');
  }
}
