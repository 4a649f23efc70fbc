import assert from 'node:assert/strict';
import { EditorPage, type Item } from './editor-page';
import { type Launched, launch } from './launch';

/**
 * Runs a Node-RED with a flow, and its editor in a browser, for the tests of the current `describe`. Each test fails if the editor writes to
 * the console.
 *
 * @param opened is called with the editor before the first test.
 * @param settings as for `launch`.
 */
export function inEditor(flow: readonly Item[], opened: (editor: EditorPage, url: string) => void, settings?: string): void {
  let nodeRed: Launched | undefined;
  let editor: EditorPage | undefined;
  before(async () => {
    nodeRed = await launch(flow, settings);
    await nodeRed.ready();
    editor = await EditorPage.open(nodeRed.url);
    await editor.page.waitForTimeout(500);
    opened(editor, nodeRed.url);
  });
  after(async () => {
    await editor?.close();
    await nodeRed?.stop();
  });
  afterEach('has nothing to say in the console', () => assert.deepEqual(editor?.problems, []));
}
