/** A foreign WebSocket client and its received messages. */
import { WebSocket } from 'ws';
import { Queue, within } from '../helpers/queue';
import { onTeardown } from '../helpers/teardown';

export class Peer {
  private readonly heard = new Queue<string>();

  private constructor(private readonly ws: WebSocket) {
    ws.on('message', (data) => this.heard.push(String(data)));
    onTeardown(() => ws.terminate());
  }

  static async connect(url: string): Promise<Peer> {
    const ws = new WebSocket(url);
    const peer = new Peer(ws);
    await within(new Promise((resolve, reject) => void ws.once('open', resolve).once('error', reject)), `the connection to ${url}`);
    return peer;
  }

  send = (data: string): void => this.ws.send(data);
  leave = (): void => this.ws.close();

  /** Returns the next message, or the next that fulfils the condition. */
  async hears(isIt: (text: string) => boolean = () => true): Promise<string> {
    for (;;) {
      const text = await this.heard.take('a message', 8000);
      if (isIt(text)) return text;
    }
  }

  /** Returns the next JSON that fulfils a condition. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the flow sends.
  hearsJson = async (isIt: (news: any) => boolean): Promise<any> => JSON.parse(await this.hears((text) => isIt(JSON.parse(text))));
}
