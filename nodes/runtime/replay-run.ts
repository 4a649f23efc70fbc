import {
  type Command,
  commands,
  type Direction,
  guarded,
  type Layer,
  optionError,
  type Played,
  Player,
  pick,
  read,
  readInput,
  readRecording,
  readRecordingFile,
  replayOptions,
} from '../../src/index';
import { callDone, isEntire, type Message } from './message';
import { isTrue, type Socket } from './red';
import { type Finish, type NodeContext, Run, type Send } from './run';

/** The recording and the options of a node, as its form has them. */
export interface ReplaySources {
  options(): Layer;
  /** Returns JSON text or an object; `undefined` if the form has none. */
  recording(): unknown;
  /** @throws SocketError `ERR_OPTION` */
  file(): string | undefined;
}

export interface ReplayContext extends NodeContext {
  /** @throws SocketError `ERR_NO_SOCKET` */
  socket(): Socket;
  readonly sources: ReplaySources;
  ended(run: ReplayRun): void;
}

const nothingPlayed: Played = { sent: 0, failed: 0, frames: 0, rounds: 0, stopped: true };

/** The part of a command that a rejected message needs. A replay reads its message itself. */
export const replayCommand: Command = {
  ...{ summary: '', fields: {}, outputs: {} },
  rejection: { ...nothingPlayed, stopped: false },
  run: () => {},
};

/** One message in a replay node. It outputs one message when the replay has ended. */
export class ReplayRun extends Run {
  private player: Player | undefined;
  private readonly reading = new AbortController();
  private socketId: number | undefined;

  constructor(
    private readonly replay: ReplayContext,
    msg: Message,
    send: Send,
    private readonly finish: Finish,
  ) {
    super(replay, msg, send, finish);
  }

  /**
   * Reads what the message asks for. What a peer sent is data: it sets no option, and stops nothing.
   *
   * @returns `undefined` if the message cannot be read, and was rejected.
   */
  read(): 'play' | 'stop' | undefined {
    try {
      if (!isEntire(this.msg)) readInput(this, replayCommand, 'auto', this.origin, this.given);
      return isTrue(this.payload.stop) ? 'stop' : 'play';
    } catch (cause) {
      this.fail(cause);
      return undefined;
    }
  }

  /** Ends a message that stops the replay of another. It has no output of its own. */
  complete(): void {
    callDone(this.finish, undefined, this.context.log);
  }

  play(): void {
    const rejected = (cause: unknown) => (this.reading.signal.aborted ? this.report(nothingPlayed) : this.abandon(cause));
    this.prepare().catch(guarded(this.context.log, rejected));
  }

  /** Ends the replay, which outputs what was played. */
  stop(): void {
    this.reading.abort();
    this.player?.stop();
  }

  private async prepare(): Promise<void> {
    const socket = this.replay.socket();
    this.socketId = socket.id;
    const { speed, loop, direction } = read(replayOptions, this.replay.sources.options(), pick(replayOptions, this.payload));
    if (speed !== 0 && speed < 0.1) {
      throw optionError(`The option speed must be 0, or from 0.1 to 100; got the number ${speed}.`, undefined, 'speed');
    }
    const recording = readRecording(await this.source(), direction as Direction);
    if (this.reading.signal.aborted) return this.report(nothingPlayed);
    const { log, status } = this.context;
    this.player = new Player(recording, {
      ...{ speed, loop, log },
      send: this.sendingTo(socket),
      progress: (played, count) => status.playing(played, count),
      ended: (played) => this.report(played),
      failed: (cause) => this.abandon(cause),
    });
    this.player.start();
  }

  /** Returns the recording of the message, else of the node, else of its file. */
  private async source(): Promise<unknown> {
    const { sources } = this.replay;
    const given = this.payload.recording ?? sources.recording();
    if (given !== undefined) return given;
    const file = sources.file();
    if (file !== undefined) return readRecordingFile(file, this.reading.signal);
    const sentence = 'The option recording must be given: set it in the node, or its file, or msg.payload.recording.';
    throw optionError(sentence, undefined, 'recording');
  }

  /** Returns the function that sends to the socket; on a server to the connections that the message selects, or to all. */
  private sendingTo(socket: Socket) {
    const { tag, client, uri } = this.payload;
    const isSelected = tag !== undefined || client !== undefined || uri !== undefined;
    const command: Command = commands[socket.side === 'server' ? 'server-send' : 'client-send'];
    const call = {
      ...{ registry: this.registry, configured: socket, hasMessage: true, isWhole: true },
      payload: isSelected ? { tag, client, uri } : {},
      to: isSelected ? ('message' as const) : ('all' as const),
    };
    return (message: string | Buffer, sent: (errorStr?: string) => void) => {
      const reply = ({ status }: { readonly status: unknown }) => {
        const { success, errorStr } = status as { readonly success?: boolean; readonly errorStr?: string };
        sent(success === false ? String(errorStr) : undefined);
      };
      command.run({ ...call, message }, { reply })?.catch(guarded(this.context.log, (cause: unknown) => this.abandon(cause)));
    };
  }

  private report({ sent, failed, ...played }: Played): void {
    this.replay.ended(this);
    this.reply({ status: { success: failed === 0, sent, failed, ...played }, socket: this.socketId });
  }

  private abandon(cause: unknown): void {
    this.player?.close();
    this.replay.ended(this);
    this.fail(cause);
  }
}
