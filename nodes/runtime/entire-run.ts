import { Run } from './run';

/** A message that is sent as a whole: all its properties but those of Node-RED and of its origin. */
export class EntireRun extends Run {
  protected override get given(): unknown {
    const { _msgid, _session, socket, req, res, ...properties } = this.msg;
    return properties;
  }
}
