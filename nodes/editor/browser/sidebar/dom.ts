/** Returns an element with a class and children. Texts are never HTML, because peers write some of them. */
export function element(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Changes a text, if it differs. */
export function setText(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

/** Returns a button with an icon, and a label for screen readers and as a tooltip. */
export function iconButton(icon: string, label: string, click: () => void): HTMLButtonElement {
  const button = element('button', 'red-ui-button red-ui-button-small ix-live-button', element('i', `fa fa-${icon}`)) as HTMLButtonElement;
  button.type = 'button';
  setLabel(button, label);
  button.firstElementChild?.setAttribute('aria-hidden', 'true');
  button.addEventListener('click', click);
  return button;
}

export function setLabel(place: HTMLElement, label: string): void {
  if (place.getAttribute('aria-label') === label) return;
  place.setAttribute('aria-label', label);
  place.title = label;
}

/** Shows the icon and the label of a button that has two states. */
export function setIcon(button: HTMLButtonElement, icon: string, label: string): void {
  const [shown] = button.children;
  if (shown && shown.className !== `fa fa-${icon}`) shown.className = `fa fa-${icon}`;
  setLabel(button, label);
}
