import { sleep } from 'n8n-workflow';
import type { Clock } from '../api/http';
import { withAbort } from './linkedAbort';

/**
 * The host's time. n8n's `sleep` takes a signal only since n8n-workflow 2.34; before that the wait
 * still ends at once here, and the host's own timer runs out unheard.
 */
export const hostClock: Clock = {
	now: () => Date.now(),
	async sleep(ms, signal) {
		signal?.throwIfAborted();
		await withAbort(sleep(Math.max(0, ms), signal), signal);
	},
};
