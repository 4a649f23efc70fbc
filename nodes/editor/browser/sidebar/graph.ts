import { polyline, type Rates } from '../../live/rates';
import { rateText } from '../../live/text';
import { word } from '../translate';
import { setText } from './dom';

const namespace = 'http://www.w3.org/2000/svg';
const width = 44;
const height = 16;

/** A small graph of the messages per second in both directions, with the numbers. */
export class Graph {
  readonly element: HTMLElement;
  private readonly lines: { readonly in: SVGElement; readonly out: SVGElement };
  private readonly numbers = document.createElement('span');

  constructor() {
    this.element = document.createElement('span');
    this.element.className = 'ix-live-graph';
    const svg = document.createElementNS(namespace, 'svg');
    svg.setAttribute('width', String(width));
    svg.setAttribute('height', String(height));
    svg.setAttribute('aria-hidden', 'true');
    const line = (name: string) => {
      const made = document.createElementNS(namespace, 'polyline');
      made.setAttribute('class', `ix-live-line-${name}`);
      svg.append(made);
      return made;
    };
    this.lines = { in: line('in'), out: line('out') };
    this.element.append(this.numbers, svg);
  }

  show(rates: Rates, key: string): void {
    const rate = rates.rate(key);
    const history = rates.history(key);
    const max = Math.max(1, ...history.in, ...history.out);
    for (const name of ['in', 'out'] as const) {
      const drawn = polyline(history[name], max, width, height);
      if (this.lines[name].getAttribute('points') !== drawn) this.lines[name].setAttribute('points', drawn);
    }
    setText(this.numbers, `↓${rateText(rate.in)} ↑${rateText(rate.out)}`);
    const label = word('live.rates', { in: rateText(rate.in), out: rateText(rate.out) });
    if (this.element.title !== label) this.element.title = label;
  }
}
