/** The request of a config node's form to test its unsaved options, and the response. Pure, because both ends read it. */
import type { Step } from '../src/core/progress';
import type { Composed } from './composed';

export type ProbedSide = 'client' | 'server';

/** Below Node-RED's admin API. */
export const probeRoute = (side: ProbedSide) => `ix-websocket/test-${side}`;
export const probePermission = (side: ProbedSide) => `ix-${side}.write`;

/** The value of a password field in Node-RED's editor if the stored password was not changed. */
export const unchangedPassword = '__PWRD__';

export interface ProbeRequest {
  readonly id: string;
  /** The flow that the node is in, or `''`. */
  readonly z?: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Clients: a message to send after the test has succeeded. */
  readonly say?: Composed | undefined;
}

export interface ProbeFailure {
  /** The option to check first, if one can help. */
  readonly option?: string | undefined;
  /** A sentence of the runtime, or … */
  readonly errorStr?: string;
  /** … a key of the catalogue; that of a constraint, if the option violates it. */
  readonly key?: string;
  readonly values?: Readonly<Record<string, string | number>>;
  /** The position inside the option (`.clientMaxWindowBits`). */
  readonly path?: string;
}

export interface ProbeAnswer {
  readonly steps: readonly Step[];
  /** Absent: the options work. */
  readonly failure?: ProbeFailure;
}
