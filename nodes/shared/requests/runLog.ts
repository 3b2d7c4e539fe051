import type { IWorkflowExecutionCustomData, Logger } from 'n8n-workflow';

const KEY = 'runcomfy_requests';
/** n8n (2.41.1) keeps 10 keys in an execution, for all its nodes. */
const MOST_KEYS = 4;
/** n8n (2.41.1) cuts a value at 512 characters, and logs an error for one that is longer than this. */
const LONGEST_VALUE = 255;

/** What a person can read of a run: lines in n8n's log, and request IDs shown with the execution. */
export class RunLog {
	/** @param origin execution, node and run, which every line names */
	constructor(
		private readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>,
		private readonly origin: string,
		private readonly customData: IWorkflowExecutionCustomData | undefined,
	) {}

	debug(message: string, itemIndex?: number): void {
		this.logger.debug(this.#line(message, itemIndex));
	}

	/** What a killed n8n leaves behind: the default level of its log. */
	info(message: string, itemIndex?: number): void {
		this.logger.info(this.#line(message, itemIndex));
	}

	warn(message: string, itemIndex?: number): void {
		this.logger.warn(this.#line(message, itemIndex));
	}

	/** Custom data is saved when an execution ends in any way but a kill (n8n 2.41.1). */
	submitted(requestId: string, itemIndex: number): void {
		this.info(`request ${requestId} is submitted`, itemIndex);
		const { customData } = this;
		for (let place = 1; customData && place <= MOST_KEYS; place++) {
			const key = place === 1 ? KEY : `${KEY}_${place}`;
			const value = [customData.get(key), requestId].filter(Boolean).join(' ');
			if (value.length <= LONGEST_VALUE) return customData.set(key, value);
		}
	}

	#line(message: string, itemIndex?: number): string {
		const item = itemIndex === undefined ? '' : `, item ${itemIndex}`;
		return `RunComfy: ${this.origin}${item}: ${message}`;
	}
}
