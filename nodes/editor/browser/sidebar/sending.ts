import { livePermissions } from '../../../live';
import { writtenForms } from '../../live/composed';
import { Composer } from '../composer';
import { word } from '../translate';
import { api, statusOf } from './api';
import { actProblem, type Selected } from './details';
import { isConfig } from './flow';

/** The composer of the sidebar: it sends to the selected socket or connection. */
export class Sending {
  private selected: Selected | undefined;
  private readonly composer = new Composer({
    send: (message) => {
      const { target } = this.selected as Selected;
      return api.act({ ...target, do: 'send', ...message }).then(
        ({ success, errorStr, count, answer }) => ({
          isGood: success,
          text: success ? (answer ?? word('composer.sent', { count: count ?? 1 })) : (errorStr ?? answer ?? word('composer.nobody')),
        }),
        (error: unknown) => ({ isGood: false, text: actProblem(statusOf(error)) }),
      );
    },
    node: () => {
      const { socket } = this.selected ?? {};
      return socket && isConfig(socket) ? (RED.nodes.node(socket.node) as EditedNode) : undefined;
    },
  });
  readonly element = this.composer.element;

  /** Shows the composer for another socket or connection. */
  look(selected: Selected): void {
    const { socket, connection } = selected;
    this.selected = selected;
    this.element.hidden = !RED.user.hasPermission(livePermissions.write);
    // A request goes to one peer.
    const asks = (socket.side === 'client' ? socket.requests : connection?.requests) !== undefined;
    this.composer.showForms(writtenForms.filter((form) => form !== 'request' || asks));
    this.composer.refresh();
    this.composer.tell('');
  }
}
