import { word } from './translate';

const action = 'ix:tour';
const seen = 'editor.tours.ixWebSocket';
const module = 'resources/@ix-websocket/node-red/tour.js';
/** Time for the editor to load its flows, and between looks for the end of another tour. */
const delayMs = 3000;

interface Step {
  readonly title: string;
  readonly description: string;
  /** Absent: the step is in the middle of the editor. */
  readonly element?: string;
  readonly direction?: 'right';
}

/** The tour, as Node-RED reads it. Each run makes the steps again, because they depend on what is visible. */
export const tour = {
  get steps(): readonly Step[] {
    const shown = { test: word('probe.client'), quick: word('quick.label'), convert: word('convert.action') };
    const step = (name: string, description: string, target?: Pick<Step, 'element' | 'direction'>): Step => ({
      title: word(name),
      description: $('<div>')
        .append($('<p>').text(word(description, shown)))
        .html(),
      ...(target?.element && $(target.element).is(':visible') && target),
    });
    const palette = '.red-ui-palette-node[data-palette-type="ix-client-events"]';
    $(palette)[0]?.scrollIntoView({ block: 'center' });
    return [
      step('tour.welcome', 'tour.welcomeText'),
      step('tour.nodes', 'tour.nodesText', { element: palette, direction: 'right' }),
      step('tour.examples', 'tour.examplesText'),
      step('tour.forms', 'tour.formsText'),
      step('tour.more', 'tour.moreText'),
    ];
  },
};

function run(): void {
  const base = new URL(RED.settings.apiRootUrl ?? '', document.baseURI);
  RED.tourGuide.run(new URL(module, base).href, () => {});
}

/** Adds the tour to the actions, and offers it once after the installation. */
export function addTour(): void {
  RED.actions.remove(action);
  RED.actions.add(action, run, { label: word('tour.action') });
  const isOff = RED.settings.theme('tours', true) === false || !RED.user.hasPermission('settings.write');
  if (!isOff && !RED.settings.get(seen)) setTimeout(offer, delayMs);
}

/** Shows the offer, after Node-RED's own tour. */
function offer(): void {
  if ($('.red-ui-tourGuide-shade').length > 0) return void setTimeout(offer, delayMs);
  // The page is loaded again when the package is enabled again.
  if (RED.settings.get(seen)) return;
  RED.settings.set(seen, true);
  const close = () => notification.close();
  const start = () => {
    close();
    run();
  };
  const notification = RED.notify($('<p>').text(word('tour.offer')), {
    id: 'ix-websocket-tour',
    type: 'compact',
    fixed: true,
    buttons: [
      { text: word('tour.later'), click: close },
      { text: word('tour.start'), class: 'primary', click: start },
    ],
  });
}
