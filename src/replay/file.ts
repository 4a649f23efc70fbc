import { messageOf, optionError } from '../core/errors';
import { quoted } from '../core/text';
import { readFileUpTo } from '../tls/files';
import { maxBytes } from './format';

/**
 * Reads the text of a recording.
 *
 * @param stop settles the call at once, even if the file system does not respond.
 * @throws SocketError `ERR_OPTION` if the file cannot be read, or is too large.
 */
export async function readRecordingFile(path: string, stop?: AbortSignal): Promise<string> {
  try {
    return (await readFileUpTo(maxBytes, path, stop)).toString('utf8');
  } catch (error) {
    throw optionError(
      `The option file must be the path of a recording; ${quoted(path)} cannot be read: ${messageOf(error)}. Check the path.`,
      error,
      'file',
    );
  }
}
