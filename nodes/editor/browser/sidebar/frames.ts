import type { FrameRow, FramesAnswer, LiveTarget, Recording } from '../../../live';
import { fileName, recordingOf } from '../../live/export';
import { word } from '../translate';
import { api } from './api';
import { element, iconButton, setIcon, setText } from './dom';
import { frameLine, searchText } from './frame-line';
import { frameView } from './frame-view';

/** The frames that the list has at most, as the runtime keeps them. */
const maxLines = 200;

interface Shown {
  readonly frame: FrameRow;
  readonly place: HTMLElement;
}

/** The frames of the selected socket or connection. */
export class FramesPanel {
  readonly element = element('div', 'ix-live-frames');
  /** Below the list: the place of the composer. */
  readonly footer = element('div', 'ix-live-footer');
  private readonly list = element('div', 'ix-live-list');
  private readonly note = element('div', 'ix-live-note');
  private readonly direction = element('select', 'ix-live-choice') as HTMLSelectElement;
  private readonly search = element('input', 'ix-live-search') as HTMLInputElement;
  private readonly pause: HTMLButtonElement;
  private shown: Shown[] = [];
  private target: LiveTarget | undefined;
  private name = '';
  private seq = 0;
  private isPaused = false;

  constructor() {
    for (const [value, label] of Object.entries({ both: 'live.both', in: 'live.received', out: 'live.sent' })) {
      const option = element('option', '', word(label)) as HTMLOptionElement;
      option.value = value;
      this.direction.append(option);
    }
    this.direction.setAttribute('aria-label', word('live.direction'));
    this.search.type = 'search';
    this.search.placeholder = word('live.filterFrames');
    this.search.setAttribute('aria-label', word('live.filterFrames'));
    for (const field of [this.direction, this.search]) field.addEventListener('input', () => this.filter());
    this.pause = iconButton('pause', word('live.pause'), () => this.setPaused(!this.isPaused));
    const clear = iconButton('trash', word('live.clear'), () => this.clear());
    const save = iconButton('download', word('live.record'), () => this.save());
    this.list.setAttribute('role', 'group');
    this.list.setAttribute('aria-label', word('live.frames'));
    this.list.tabIndex = 0;
    this.list.addEventListener('keydown', (event) => this.onKey(event));
    this.element.append(
      element('div', 'ix-live-bar', this.direction, this.search, this.pause, clear, save),
      this.note,
      this.list,
      this.footer,
    );
    this.tell('');
  }

  /** Begins to look at a socket or connection. */
  look(target: LiveTarget, name: string): void {
    this.target = target;
    this.name = name;
    this.setPaused(false);
    this.clear();
    this.seq = 0;
    this.tell(word('live.begun'));
  }

  /** Asks for the new frames. A pause asks too, so that the runtime keeps the frames that are shown. */
  poll(): PromiseLike<void> {
    const { target } = this;
    if (!target) return Promise.resolve();
    return api.frames(target, this.isPaused ? Number.MAX_SAFE_INTEGER : this.seq).then((answer) => {
      if (this.target === target && !this.isPaused) this.add(answer);
    });
  }

  /** Shows a sentence above the frames, or none. */
  tell(sentence: string): void {
    setText(this.note, sentence);
    this.note.hidden = sentence === '';
  }

  private add({ frames, seen }: FramesAnswer): void {
    // The runtime has begun again: nobody looked for some seconds, or it was restarted.
    if (seen < this.seq) this.seq = 0;
    const news = frames.filter(({ seq }) => seq > this.seq);
    const [first] = news;
    if (!first) return;
    this.tell('');
    const isAtEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 40;
    const missed = first.seq - this.seq - 1;
    if (this.seq > 0 && missed > 0) this.append(first, element('div', 'ix-live-missed', word('live.missed', { count: missed })));
    for (const frame of news) this.append(frame, this.create(frame));
    this.seq = news.at(-1)?.seq ?? this.seq;
    for (const { place } of this.shown.splice(0, Math.max(0, this.shown.length - maxLines))) place.remove();
    if (isAtEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  private append(frame: FrameRow, place: HTMLElement): void {
    this.shown.push({ frame, place });
    place.hidden = !this.matches(frame);
    this.list.append(place);
  }

  private create(frame: FrameRow): HTMLElement {
    const line = frameLine(frame, () => this.toggle(frame, place, line));
    const place = element('div', 'ix-live-item', line);
    return place;
  }

  /** Shows or hides the whole of a frame below its line. */
  private toggle(frame: FrameRow, place: HTMLElement, line: HTMLElement): void {
    const isOpen = place.children.length > 1;
    line.setAttribute('aria-expanded', String(!isOpen));
    this.focus(line);
    if (isOpen) return void place.lastElementChild?.remove();
    place.append(frameView(frame));
    place.scrollIntoView({ block: 'nearest' });
    if (!frame.isCut || !frame.isKept || !this.target) return;
    const replace = (whole: FrameRow) => {
      if (place.children.length > 1) place.lastElementChild?.replaceWith(frameView(whole));
    };
    api.frame(this.target, frame.seq).then(replace, () => {});
  }

  private matches(frame: FrameRow): boolean {
    const direction = this.direction.value;
    if (direction !== 'both' && frame.isOut !== (direction === 'out')) return false;
    const wanted = this.search.value.trim().toLowerCase();
    return wanted === '' || searchText(frame).includes(wanted);
  }

  private filter(): void {
    for (const { frame, place } of this.shown) place.hidden = !this.matches(frame);
    this.list.scrollTop = this.list.scrollHeight;
  }

  private setPaused(isPaused: boolean): void {
    this.isPaused = isPaused;
    setIcon(this.pause, isPaused ? 'play' : 'pause', word(isPaused ? 'live.resume' : 'live.pause'));
  }

  private clear(): void {
    for (const { place } of this.shown) place.remove();
    this.shown = [];
  }

  /** Saves what the list shows as a recording. */
  private save(): void {
    const { target, name } = this;
    if (!target) return;
    const wanted = new Set(this.shown.flatMap(({ frame, place }) => (place.hidden ? [] : [frame.seq])));
    const known = new Map(this.shown.map(({ frame }) => [frame.seq, frame]));
    const begin = Math.min(...wanted) - 1;
    const write = (answer: FramesAnswer) => {
      for (const frame of answer.frames) if (wanted.has(frame.seq)) known.set(frame.seq, frame);
      const frames = [...wanted].sort((a, b) => a - b).flatMap((seq) => known.get(seq) ?? []);
      const { recording, left } = recordingOf({ side: target.side, name }, frames);
      download(recording, fileName(name));
      this.tell(left > 0 ? word('live.left', { count: left }) : '');
    };
    api.frames(target, Number.isFinite(begin) ? begin : 0, true).then(write, () => write({ frames: [], seen: 0 }));
  }

  private onKey(event: KeyboardEvent): void {
    const lines = this.shown.flatMap(({ place }) => (place.hidden ? [] : [...place.querySelectorAll<HTMLElement>('.ix-live-frame')]));
    const at = lines.indexOf(event.target as HTMLElement);
    if (at < 0 && event.target !== this.list) return;
    const to: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at < 0 ? lines.length - 1 : at - 1, Home: 0, End: lines.length - 1 };
    const next = to[event.key];
    if (next !== undefined) {
      const line = lines[Math.min(Math.max(next, 0), lines.length - 1)];
      if (line) this.focus(line);
    } else if (at >= 0 && (event.key === 'Enter' || event.key === ' ')) lines[at]?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private focus(line: HTMLElement): void {
    line.focus({ preventScroll: false });
  }
}

/** Gives the user a file. */
function download(recording: Recording, name: string): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(recording, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
