// The scene of docs/images/echo.png: a flow with a server and a client is deployed, and the first message comes back.
import { animate } from './animation.mjs';

const size = { width: 1000, height: 400 };

const node = (id, type, x, y, wires, more) => ({ id, type, z: 'echo', name: '', ...more, x, y, wires });
/** The flow, whose server listens on a port. */
const flow = (port) => [
  { id: 'echo', type: 'tab', label: 'Echo' },
  { id: 'server', type: 'ix-server', name: '', port, host: '127.0.0.1', autoStart: true },
  { id: 'client', type: 'ix-client', name: '', URL: `ws://127.0.0.1:${port}/`, autoStart: true },
  node('hello', 'inject', 130, 60, [['send']], {
    ...{ name: 'Hello!', props: [{ p: 'payload' }], payload: 'Hello!', payloadType: 'str' },
    ...{ repeat: '', crontab: '', once: false, onceDelay: 0.1, topic: '' },
  }),
  node('send', 'ix-client-send', 370, 60, [[]], { client: 'client', sends: 'payload', payloadIs: 'message' }),
  node('heard', 'ix-server-events', 150, 160, [['answer'], [], [], []], { server: 'server', output: 'data' }),
  node('answer', 'ix-server-send', 370, 160, [[]], { server: 'server', sends: 'payload', payloadIs: 'message', to: 'message' }),
  node('received', 'ix-client-events', 150, 260, [['show'], [], [], []], { client: 'client', output: 'data' }),
  node('show', 'debug', 370, 260, [], { name: 'what came back', active: true, tosidebar: true, complete: 'payload', targetType: 'msg' }),
];

/**
 * Plays the scene in an editor whose Node-RED has no flow.
 *
 * @returns {Promise<Buffer>} the animated PNG
 */
export async function recordEcho({ page }, port) {
  await prepare(page, port);
  const frames = [];
  const shoot = async (ms) => frames.push({ png: await page.screenshot(), ms });
  const cursor = await pointer(page, shoot);
  await shoot(1200);
  await cursor.moveTo('#red-ui-header-button-deploy');
  const deployed = page.waitForResponse((response) => response.url().endsWith('/flows') && response.request().method() === 'POST');
  await cursor.click();
  await deployed;
  await page.waitForFunction(() => ['heard', 'received'].every((id) => /connected/.test(RED.nodes.node(id)?.status?.text ?? '')));
  await page.waitForTimeout(800);
  await shoot(1400);
  for (const count of [1, 2]) {
    await cursor.moveTo('[id="hello"] .red-ui-flow-node-button');
    await cursor.click();
    await page
      .locator('.red-ui-debug-msg')
      .nth(count - 1)
      .waitFor();
    await page.waitForTimeout(600);
    await shoot(count === 2 ? 3000 : 1400);
  }
  return animate(frames);
}

async function prepare(page, port) {
  await page.setViewportSize(size);
  await page.addStyleTag({
    content: `
      .red-ui-sidebar-right .red-ui-sidebar-section-top, .red-ui-sidebar-section-separator { display: none !important }
      .red-ui-sidebar-right .red-ui-sidebar-section-bottom { height: ${size.height - 105}px !important }`,
  });
  await page.evaluate((items) => {
    RED.actions.invoke('core:toggle-left-sidebar');
    RED.sidebar.show('debug');
    RED.view.importNodes(items, { generateIds: false, addFlow: false });
    RED.workspaces.show('echo');
    RED.view.select({ nodes: [] });
  }, flow(port));
  await page.waitForTimeout(1200);
}

/** A screenshot has no pointer, so the page gets one. */
async function pointer(page, shoot) {
  let at = { x: 620, y: 330 };
  const show = ({ x, y }) =>
    page.evaluate(
      ([left, top]) => {
        const id = 'echo-pointer';
        const element = document.getElementById(id) ?? document.body.appendChild(document.createElement('div'));
        element.id = id;
        element.innerHTML =
          '<svg width="18" height="26" viewBox="0 0 18 26"><path d="M1 1v20l5-4 4 8 3-2-4-7h7z" fill="#fff" stroke="#000" stroke-width="1.5"/></svg>';
        element.style.cssText = `position:fixed; left:${left}px; top:${top}px; z-index:99999; pointer-events:none`;
      },
      [x, y],
    );
  await show(at);
  return {
    async moveTo(selector) {
      const box = await page.locator(selector).first().boundingBox();
      const to = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
      const steps = Math.hypot(to.x - at.x, to.y - at.y) < 2 ? 0 : 8;
      const from = at;
      for (let step = 1; step <= steps; step++) {
        const part = (1 - Math.cos((Math.PI * step) / steps)) / 2;
        at = { x: Math.round(from.x + (to.x - from.x) * part), y: Math.round(from.y + (to.y - from.y) * part) };
        await show(at);
        await page.mouse.move(at.x, at.y);
        await shoot(step === steps ? 300 : 60);
      }
    },
    click: () => page.mouse.click(at.x, at.y),
  };
}
