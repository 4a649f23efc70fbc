import {
  type ActAnswer,
  type ActRequest,
  type FrameRow,
  type FramesAnswer,
  type LiveAnswer,
  type LiveTarget,
  liveRoutes,
} from '../../../live';

const get = (url: string, data: object) => $.ajax({ url, type: 'GET', dataType: 'json', data, timeout: 10_000 });

const queryOf = ({ side, id, client }: LiveTarget) => ({ side, id, ...(client !== undefined && { client }) });

/** The requests of the sidebar. */
export const api = {
  /** @param open the unfolded servers, each with the offset of its connections. */
  sockets: (filter: string, open: ReadonlyMap<number, number>): PromiseLike<LiveAnswer> =>
    get(liveRoutes.sockets, { q: filter, open: [...open].map(([id, offset]) => `${id}:${offset}`).join(',') }),

  frames: (target: LiveTarget, after: number, isWhole = false): PromiseLike<FramesAnswer> =>
    get(liveRoutes.frames, { ...queryOf(target), after, ...(isWhole && { whole: 1 }) }),

  frame: (target: LiveTarget, seq: number): PromiseLike<FrameRow> => get(liveRoutes.frame, { ...queryOf(target), seq }),

  act: (asked: ActRequest): PromiseLike<ActAnswer> =>
    $.ajax({ url: liveRoutes.act, type: 'POST', contentType: 'application/json', dataType: 'json', data: JSON.stringify(asked) }),
};

/** Returns the HTTP status of a failed request; 0 if Node-RED did not answer. */
export const statusOf = (error: unknown): number => (error as { readonly status?: number } | undefined)?.status ?? 0;
