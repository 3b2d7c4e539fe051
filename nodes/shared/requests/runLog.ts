import type { Logger } from 'n8n-workflow';

/** n8n's log, as one run of the node writes to it. Every line names execution, node, run and item. */
export class RunLog {
	constructor(
		private readonly logger: Pick<Logger, 'debug' | 'info' | 'warn'>,
		private readonly origin: string,
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

	#line(message: string, itemIndex?: number): string {
		const item = itemIndex === undefined ? '' : `, item ${itemIndex}`;
		return `RunComfy: ${this.origin}${item}: ${message}`;
	}
}
