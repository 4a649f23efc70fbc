import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { closedPort, tcpServer, wsServer } from '../helpers/peers';
import { teardown } from '../helpers/teardown';
import type { EditorPage, Form, Item } from './editor-page';
import { inEditor } from './in-editor';

const flow: Item[] = [
  { id: 'tab', type: 'tab', label: 'tab' },
  { id: 'client', type: 'ix-client', name: '', autoStart: false, URL: 'ws://127.0.0.1:9/', tlsConfig: '', proxy: '' },
  { id: 'lists', type: 'ix-client', name: '', autoStart: false, URL: 'ws://127.0.0.1:9/', tlsConfig: '', proxy: '' },
  { id: 'server', type: 'ix-server', name: '', autoStart: false, port: 0, tlsConfig: '' },
  { id: 'start', type: 'ix-client-start', z: 'tab', name: '', client: 'client', raise: false, x: 200, y: 80, wires: [[]] },
  { id: 'send', type: 'ix-server-send', z: 'tab', name: '', server: 'server', raise: false, to: 'message', x: 200, y: 140, wires: [[]] },
  {
    id: 'hook',
    type: 'ix-4d-hook',
    z: 'tab',
    name: '',
    raise: false,
    URL: 'http://127.0.0.1/',
    tlsConfig: '',
    x: 200,
    y: 260,
    wires: [[], []],
  },
  { id: 'events', type: 'ix-client-events', z: 'tab', name: '', client: 'client', x: 200, y: 200, wires: [[], [], [], []] },
];

const probe = ({ page }: Form) => page.locator('.ix-probe > button');
/** Returns the result of a probe, line by line. */
async function answer(form: Form): Promise<string[]> {
  await probe(form).click();
  await form.page.locator('.ix-answer .ix-sum').waitFor();
  return form.page.locator('.ix-answer > div').allInnerTexts();
}
const isSuspect = async (form: Form, name: string) => /ix-suspect/.test((await form.row(name).getAttribute('class')) ?? '');
const hasFocus = (element: Locator) => element.evaluate((one) => one === document.activeElement || one.contains(document.activeElement));

describe('the forms', function () {
  this.timeout(60_000);
  let editor: EditorPage;

  inEditor(flow, (opened) => {
    editor = opened;
  });
  afterEach(teardown);

  describe('try what is in them, deployed or not:', () => {
    it('a client that works', async () => {
      const { url, port } = await wsServer();
      await editor.edit('client', 'ix-client', async (form) => {
        await form.fill('URL', url);
        const lines = await answer(form);
        assert.deepEqual(lines.slice(0, 2), [`Connected to 127.0.0.1, port ${port}.`, 'The server answered 101 Switching Protocols.']);
        assert.match(lines.at(-2) ?? '', /^Ping answered in [\d.]+ ms\.$/);
        assert.equal(lines.at(-1), 'The test succeeded.');
      });
    });

    it('a client that works, with a message', async () => {
      const { url, peers } = await wsServer();
      await editor.edit('client', 'ix-client', async (form) => {
        await form.fill('URL', url);
        await form.page.click('.ix-probe > button');
        const composer = form.page.locator('.ix-probe .ix-composer');
        await composer.locator('textarea').fill('hello');
        await peers.take();
        await composer.locator('[aria-label="Send"]').click();
        const { ws, messages } = await peers.take();
        assert.equal((await messages.take()).data, 'hello');
        ws.send('welcome');
        await form.page.locator('.ix-answer').getByText('Received: welcome').waitFor();
        assert.equal(await composer.locator('textarea').inputValue(), 'hello', 'the message is still there');
      });
    });

    it('a client that does not: the sentence of the failure, the field marked, and a way to it', async () => {
      const port = await closedPort();
      await editor.edit('client', 'ix-client', async (form) => {
        await form.fill('URL', `ws://127.0.0.1:${port}/`);
        await form.tab('limits');
        const lines = await answer(form);
        assert.deepEqual(lines.slice(0, 1), ['The test failed.']);
        assert.match(lines[1] ?? '', /refused the connection \(ECONNREFUSED\)/);
        assert.match(lines[2] ?? '', /^Check:\s+URL$/);
        assert.equal(await isSuspect(form, 'URL'), true);
        await form.page.locator('.ix-answer .ix-link').click();
        assert.equal(await form.element('URL').isVisible(), true);
        assert.equal(await hasFocus(form.element('URL')), true);
        await form.fill('URL', 'ws://127.0.0.1:9/');
        assert.equal(await isSuspect(form, 'URL'), false, 'it is being mended');
      });
    });

    it('a client with an option that is none: in the words of the validator', async () => {
      await editor.edit('client', 'ix-client', async (form) => {
        await form.tab('limits');
        await form.fill('maxPayload', 'lots');
        assert.match((await answer(form))[1] ?? '', /^Max. message size must be a whole number/);
        await form.fill('maxPayload', '');
      });
    });

    it('a server: on a port that is free, and on one that is not', async () => {
      const { port } = await wsServer();
      await editor.edit('server', 'ix-server', async (form) => {
        assert.match((await answer(form)).join(), /^The server can listen on ws:\/\/127\.0\.0\.1:\d+\.,The test succeeded\.$/);
        await form.fill('port', String(port));
        assert.match((await answer(form)).join(), /is in use/);
        assert.equal(await isSuspect(form, 'port'), true);
        await form.fill('port', '0');
      });
    });

    it('and stop trying when they are closed', async () => {
      let connected = () => {};
      let closed = () => {};
      const begun = new Promise<void>((resolve) => {
        connected = resolve;
      });
      const ended = new Promise<void>((resolve) => {
        closed = resolve;
      });
      const port = await tcpServer((socket) => {
        connected();
        socket.resume().on('close', closed);
      });
      await editor.edit('client', 'ix-client', async (form) => {
        await form.fill('URL', `ws://127.0.0.1:${port}/`);
        await probe(form).click();
        await begun;
        assert.equal(await probe(form).isDisabled(), true);
        await form.fill('URL', 'ws://127.0.0.1:9/');
      });
      await ended;
      assert.equal(await editor.page.locator('.ix-answer').count(), 0);
    });
  });

  it('forget the answer of a try at the first change', async () => {
    await editor.edit('server', 'ix-server', async (form) => {
      assert.match((await answer(form)).join(), /The test succeeded/);
      await form.element('port').pressSequentially('1');
      assert.equal(await form.page.locator('.ix-answer > div').count(), 0);
      await form.fill('port', '0');
    });
  });

  it('mark the tabs that have an invalid field', async () => {
    const marked = (form: Form) => form.page.locator('.ix-tabs a.ix-invalid').allInnerTexts();
    await editor.edit('server', 'ix-server', async (form) => {
      assert.deepEqual(await marked(form), []);
      await form.fill('port', 'x');
      await form.tab('access');
      await form.element('auth').selectOption('bearer');
      await form.page.locator('#node-config-input-token.input-error').waitFor();
      assert.deepEqual(
        (await marked(form)).map((text) => text.trim()),
        ['Connection', 'Access'],
      );
      await form.fill('token', 'secret');
      await form.tab('connection');
      await form.fill('port', '0');
      await form.page.waitForTimeout(100);
      assert.deepEqual(await marked(form), []);
      await form.tab('access');
      await form.fill('token', '');
      await form.element('auth').selectOption('none');
    });
  });

  it('hide the choice of a server while the message names it, and bring it back', async () => {
    const chosen = (form: Form) => form.element('server').inputValue();
    await editor.edit('send', 'ix-server-send', async (form) => {
      await form.element('fromMessage').check();
      assert.equal(await form.element('server').isVisible(), false);
      await form.element('fromMessage').uncheck();
      assert.deepEqual([await form.element('server').isVisible(), await chosen(form)], [true, 'server']);
      await form.element('fromMessage').check();
    });
    assert.deepEqual([(await editor.nodes()).send?.server, await editor.wrong('send')], ['', []]);
    await editor.edit('send', 'ix-server-send', async (form) => {
      await form.element('fromMessage').uncheck();
      assert.match((await form.element('server').getAttribute('class')) ?? '', /input-error/);
      await form.element('server').selectOption('server');
    });
    assert.deepEqual([(await editor.nodes()).send?.server, await editor.wrong('send')], ['server', []]);
  });

  it('are cut nowhere in a window of 800 pixels', async () => {
    await editor.page.setViewportSize({ width: 800, height: 900 });
    const cut = () =>
      editor.page.evaluate(() => {
        const form = document.querySelector('.ix-form');
        const edge = form?.closest('.red-ui-tray-body')?.getBoundingClientRect().right ?? 0;
        const seen = [...(form?.querySelectorAll('*') ?? [])].filter((element) => element.checkVisibility());
        return seen.filter((element) => element.getBoundingClientRect().right > edge).map(({ className }) => className);
      });
    for (const type of ['ix-client', 'ix-server']) {
      await editor.peek('_ADD_', type, async (form) => {
        for (const section of await form.tabs()) {
          await form.tab(section);
          assert.deepEqual(await cut(), [], `${type} ${section}`);
        }
      });
    }
    await editor.edit('hook', 'ix-4d-hook', async () => assert.deepEqual(await cut(), []));
    await editor.page.setViewportSize({ width: 1400, height: 900 });
  });

  it('fold rare options away, but for those that are set', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      assert.equal(await form.element('enablePong').isVisible(), false);
      await form.unfold();
      await form.element('enablePong').uncheck();
    });
    await editor.edit('client', 'ix-client', async (form) => {
      assert.equal(await form.element('enablePong').isVisible(), true);
      await form.element('enablePong').check();
    });
  });

  it('compute a URL and a header, check their expressions, and ask for their secrets', async () => {
    await editor.edit('lists', 'ix-client', async (form) => {
      await form.row('URL').locator('.ix-env').click();
      const url = form.row('URL').locator('.ix-computed-url .red-ui-typedInput-input');
      await url.fill('"ws://127.0.0.1:9/" &');
      await form.page.locator('#node-config-input-URL.input-error').waitFor({ state: 'attached' });
      await url.fill('"ws://127.0.0.1:9/" & $secret("room")');
      await form.page.locator('#node-config-input-URL:not(.input-error)').waitFor({ state: 'attached' });
      await form.row('headers').getByText('Add a header').click();
      await form.row('headers').locator('.ix-header-name').first().fill('X-Time');
      await form.row('headers').locator('.red-ui-typedInput-type-select').first().click();
      await form.page.locator('.red-ui-typedInput-options:visible').getByText('expression').click();
      await form.row('headers').locator('.red-ui-typedInput-input').first().fill('$string($millis())');
      await form.row('headers').locator('.red-ui-typedInput-input').first().dispatchEvent('change');
      assert.equal(await form.page.locator('[data-secret="room"]').count(), 1);
    });
    const { URL, headers } = (await editor.nodes()).lists as Item;
    assert.deepEqual(URL, { type: 'jsonata', value: '"ws://127.0.0.1:9/" & $secret("room")' });
    assert.deepEqual(headers, { 'X-Time': { type: 'jsonata', value: '$string($millis())' } });
    await editor.edit('lists', 'ix-client', async (form) => {
      const url = form.row('URL').locator('.ix-computed-url .red-ui-typedInput-input');
      assert.equal(await url.inputValue(), '"ws://127.0.0.1:9/" & $secret("room")');
      await form.row('URL').locator('.ix-env').click();
      await form.fill('URL', 'ws://127.0.0.1:9/');
      await form.row('headers').locator('.red-ui-editableList-item-remove').first().click();
    });
    assert.deepEqual([(await editor.nodes()).lists?.URL, (await editor.nodes()).lists?.headers], ['ws://127.0.0.1:9/', '']);
  });

  it('keep a header as text or as environment variable, and a subprotocol in its place', async () => {
    await editor.edit('lists', 'ix-client', async (form) => {
      const [headers, subProtocols] = [form.row('headers'), form.row('subProtocols')];
      for (const [index, [name, value]] of [
        ['X-Text', 'abc'],
        ['X-Gone', 'gone'],
        ['Authorization', 'TOKEN'],
      ].entries()) {
        await headers.getByText('Add a header').click();
        await headers
          .locator('.ix-header-name')
          .nth(index)
          .fill(name as string);
        await headers
          .locator('.red-ui-typedInput-input')
          .nth(index)
          .fill(value as string);
      }
      await headers.locator('.red-ui-typedInput-type-select').nth(2).click();
      await form.page.locator('.red-ui-typedInput-options:visible a').nth(1).click();
      await headers.locator('.red-ui-typedInput-input').nth(2).fill('TOKEN');
      await headers.locator('.red-ui-editableList-item-remove').nth(1).click();
      for (const [index, name] of ['one', 'two', 'three'].entries()) {
        await subProtocols.getByText('Add a subprotocol').click();
        await subProtocols.locator('.ix-row input').nth(index).fill(name);
      }
      // Immediately after the click, the row is still fading.
      await subProtocols.locator('.red-ui-editableList-item-remove').nth(0).press('Enter');
      await subProtocols.locator('.ix-row input').nth(2).press('Alt+ArrowUp');
    });
    const { headers, subProtocols } = (await editor.nodes()).lists as Item;
    assert.deepEqual(headers, { 'X-Text': 'abc', Authorization: '${TOKEN}' });
    assert.deepEqual(subProtocols, ['three', 'two']);

    const before = await editor.nodes();
    await editor.edit('lists', 'ix-client', async (form) => {
      assert.equal(await form.row('headers').locator('.red-ui-typedInput-input').nth(1).inputValue(), 'TOKEN');
    });
    assert.deepEqual(await editor.nodes(), before);
  });

  it('ask for the secrets of the way of authentication that is chosen, and for no others', async () => {
    await editor.edit('server', 'ix-server', async (form) => {
      await form.tab('access');
      const shown = async () => {
        const names = ['user', 'password', 'token', 'tokenParameter'];
        const areShown = await Promise.all(names.map((name) => form.row(name).isVisible()));
        return names.filter((_, at) => areShown[at]);
      };
      assert.deepEqual(await shown(), []);
      await form.element('auth').selectOption('basic');
      assert.deepEqual(await shown(), ['user', 'password']);
      await form.element('auth').selectOption('bearer');
      assert.deepEqual(await shown(), ['token', 'tokenParameter']);
      assert.match((await answer(form)).join(), /The option token is required because auth is bearer/);
      assert.equal(await isSuspect(form, 'token'), true);
      await form.row('auth').locator('.ix-env').click();
      await form.fill('auth', '${AUTH}');
      assert.deepEqual(await shown(), ['user', 'password', 'token', 'tokenParameter']);
      await form.fill('auth', 'none');
      await form.row('auth').locator('.ix-env').click();
      await form.element('auth').selectOption('none');
      assert.deepEqual(await shown(), []);
    });
  });

  it('ask a 4D hook for the names that its calls have, and for no others', async () => {
    await editor.edit('hook', 'ix-4d-hook', async (form) => {
      const shown = async () => {
        const names = ['method', 'className', 'functionName'];
        const areShown = await Promise.all(names.map((name) => form.row(name).isVisible()));
        return names.filter((_, at) => areShown[at]);
      };
      assert.deepEqual(await shown(), []);
      await form.element('form').selectOption('4DACTION');
      assert.deepEqual(await shown(), ['method']);
      await form.element('form').selectOption('rest');
      assert.deepEqual(await shown(), ['className', 'functionName']);
      await form.element('form').selectOption('handler');
      assert.deepEqual(await shown(), []);
    });
  });

  it('keep whose pages may connect: the same host, any, or a list', async () => {
    const chosen = async () => ((await editor.nodes()).server as Item).allowedOrigins;
    const choose = (value: string, more: (row: Locator) => Promise<void> = async () => {}) =>
      editor.edit('server', 'ix-server', async (form) => {
        await form.tab('access');
        const row = form.row('allowedOrigins');
        await row.locator('select').selectOption(value);
        await more(row);
      });
    await choose('any');
    assert.deepEqual(await chosen(), ['*']);
    await choose('listed', async (row) => {
      assert.equal(await row.locator('.ix-row input').inputValue(), '*');
      await row.locator('.ix-row input').fill('https://example.com');
      await row.getByText('Add an origin').click();
      await row.locator('.ix-row input').nth(1).fill('same host');
    });
    assert.deepEqual(await chosen(), ['https://example.com', 'same host']);
    await editor.edit('server', 'ix-server', async (form) => {
      await form.tab('access');
      assert.equal(await form.row('allowedOrigins').locator('select').inputValue(), 'listed');
    });
    await choose('same');
    assert.equal((await chosen()) ?? '', '');
  });

  it('preset a ping in a new server that others can reach, and in no other', async () => {
    const pings = async (id: string) => {
      const seen: string[] = [];
      await editor.peek(id, 'ix-server', async (form) => {
        for (const host of ['127.0.0.1', '0.0.0.0', 'localhost', '192.168.1.5']) {
          await form.fill('host', host);
          seen.push(await form.element('pingInterval').inputValue());
        }
      });
      return seen;
    };
    assert.deepEqual(await pings('_ADD_'), ['', '30', '', '30']);
    assert.deepEqual(await pings('server'), ['', '', '', '']);
  });

  it('hide the fields of the payload while the entire message is sent', async () => {
    await editor.edit('send', 'ix-server-send', async (form) => {
      const visible = async () => [await form.row('payloadIs').isVisible(), await form.row('message').isVisible()];
      await form.element('payloadIs').selectOption('message');
      assert.deepEqual(await visible(), [true, true]);
      await form.element('payloadIs').selectOption('command');
      assert.deepEqual(await visible(), [true, false]);
      await form.element('sends').selectOption('message');
      assert.deepEqual(await visible(), [false, false]);
      await form.element('sends').selectOption('payload');
      assert.deepEqual(await visible(), [true, false]);
      await form.element('payloadIs').selectOption('auto');
      assert.deepEqual(await visible(), [true, true]);
    });
  });

  it('offer true and false for Retain, unless the message is for single connections', async () => {
    const set = (form: Form, ...args: string[]) =>
      form
        .element('retain')
        .evaluate(
          (input, given) =>
            (globalThis as never as { $: (input: unknown) => { typedInput(...args: string[]): void } }).$(input).typedInput(...given),
          args,
        );
    const kept = async () => {
      const { to, retain, retainType } = (await editor.nodes()).send as Item;
      return { to, retain, retainType };
    };
    await editor.edit('send', 'ix-server-send', async (form) => {
      await form.element('to').selectOption('client');
      assert.deepEqual([await form.row('retain').isVisible(), await form.row('key').isVisible()], [false, false]);
      await form.element('to').selectOption('all');
      assert.deepEqual([await form.row('retain').isVisible(), await form.row('key').isVisible()], [true, true]);
      await set(form, 'type', 'bool');
      await set(form, 'value', 'true');
    });
    assert.deepEqual(await kept(), { to: 'all', retain: 'true', retainType: 'bool' });
    await editor.edit('send', 'ix-server-send', (form) => set(form, 'type', 'ix-message'));
    assert.deepEqual((await kept()).retainType, '');
  });

  it('have typed fields, which keep their types, and show what another choice needs', async () => {
    const choose = (form: Form, name: string, type: string) =>
      form
        .element(name)
        .evaluate(
          (input, to) =>
            (globalThis as never as { $: (input: unknown) => { typedInput(...args: string[]): void } }).$(input).typedInput('type', to),
          type,
        );
    const kept = async () => {
      const { to, message, messageType, target, targetType } = (await editor.nodes()).send as Item;
      return { to, message, messageType, target, targetType };
    };
    await editor.edit('send', 'ix-server-send', async (form) => {
      assert.equal(await form.row('target').isVisible(), false);
      assert.equal(await form.row('message').locator('.red-ui-typedInput-type-label').first().innerText(), 'as in the message');
    });
    assert.deepEqual([(await kept()).message, (await kept()).messageType].filter(Boolean), [], 'nothing was changed');
    await editor.edit('send', 'ix-server-send', async (form) => {
      await form.element('to').selectOption('tag');
      assert.equal(await form.row('target').isVisible(), true);
      await choose(form, 'target', 'str');
      await form
        .element('target')
        .evaluate((input) =>
          (globalThis as never as { $: (input: unknown) => { typedInput(...args: string[]): void } })
            .$(input)
            .typedInput('value', 'kitchen'),
        );
      await choose(form, 'message', 'jsonata');
      await form
        .element('message')
        .evaluate((input) =>
          (globalThis as never as { $: (input: unknown) => { typedInput(...args: string[]): void } })
            .$(input)
            .typedInput('value', 'payload.text'),
        );
    });
    const expected = { to: 'tag', message: 'payload.text', messageType: 'jsonata', target: 'kitchen', targetType: 'str' };
    assert.deepEqual(await kept(), expected);
    await editor.edit('send', 'ix-server-send', async (form) => {
      assert.equal(await form.element('target').inputValue(), 'kitchen');
      const box = await form.row('message').boundingBox();
      const input = await form.row('message').locator('.red-ui-typedInput-container').boundingBox();
      assert.ok(box && input && input.width > 200 && input.x + input.width <= box.x + box.width + 1, JSON.stringify([box, input]));
    });
    assert.deepEqual(await kept(), expected);
    await editor.edit('send', 'ix-server-send', async (form) => {
      await form.element('to').selectOption('message');
      await choose(form, 'message', 'ix-message');
    });
  });

  it('can be gone through by keyboard', async () => {
    await editor.edit('client', 'ix-client', async (form) => {
      const { keyboard } = form.page;
      await form.element('autoStart').focus();
      await keyboard.press('Tab');
      await keyboard.press('Tab');
      assert.equal(await form.page.locator(':focus').innerText(), 'Connection');
      await keyboard.press('ArrowRight');
      await form.page.locator('#ix-client-tab-security').waitFor({ state: 'visible' });
      assert.equal(await form.page.locator(':focus').getAttribute('aria-selected'), 'true');
      await keyboard.press('Tab');
      assert.equal(await hasFocus(form.element('user')), true);
      await form.page.locator('#ix-client-tab-security summary').focus();
      await keyboard.press('Enter');
      assert.equal(await form.element('ciphers').isVisible(), true);
    });
  });

  for (const { id, type } of flow.slice(1)) {
    it(`name every field of ${type} ${id} for those who do not see it`, async () => {
      await editor.edit(id, type, async (form) => {
        const nameless = await form.page
          .locator('.red-ui-tray')
          .last()
          .locator('.ix-form')
          .evaluate((root) =>
            [...root.querySelectorAll<HTMLInputElement>('input, select, textarea, button')]
              .filter((element) => element.type !== 'hidden' && element.style.display !== 'none')
              .filter((element) => {
                const labels = [...(element.labels ?? [])].map(({ textContent }) => textContent?.trim());
                return ![...labels, element.ariaLabel, element.title, element.textContent?.trim()].some(Boolean);
              })
              .map(({ outerHTML }) => outerHTML),
          );
        assert.deepEqual(nameless, []);
        const deadLabels = await form.page
          .locator('.red-ui-tray')
          .last()
          .locator('.ix-form')
          .evaluate((root) =>
            [...root.querySelectorAll<HTMLLabelElement>('label')]
              .filter(({ htmlFor }) => !root.querySelector(`[id="${htmlFor}"]`))
              .map(({ htmlFor }) => htmlFor),
          );
        assert.deepEqual(deadLabels, []);
      });
    });
  }
});
