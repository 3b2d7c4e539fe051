import type { Logger } from 'n8n-workflow';

/** n8n's log, as one run of the node writes to it. Every line names execution, node, run and item. */
export interface RunLog {
	debug(message: string, itemIndex?: number): void;
	/** What a killed n8n leaves behind: the default level of its log. */
	info(message: string, itemIndex?: number): void;
	/** What needs a person. */
	warn(message: string, itemIndex?: number): void;
}

/** Where a line of the log comes from. */
export interface LogOrigin {
	executionId: string;
	nodeName: string;
	runIndex: number;
}

export function createRunLog(
	logger: Pick<Logger, 'debug' | 'info' | 'warn'>,
	{ executionId, nodeName, runIndex }: LogOrigin,
): RunLog {
	const run = `RunComfy: execution ${executionId}, "${nodeName}", run ${runIndex}`;
	const line = (message: string, itemIndex?: number) =>
		`${run}${itemIndex === undefined ? '' : `, item ${itemIndex}`}: ${message}`;
	return {
		debug: (...parts) => logger.debug(line(...parts)),
		info: (...parts) => logger.info(line(...parts)),
		warn: (...parts) => logger.warn(line(...parts)),
	};
}
