/** A line that a run of the node has written to n8n's log. */
interface LogLine {
	execution: string;
	node: string;
	run: string;
	/** The item that it is about, unless it is about all of them. */
	item?: number;
	message: string;
}

/** Reads a line of n8n's log; nothing when the node has not written it. */
export function runOf(line: string): LogLine | undefined {
	const [, execution, node, run, item, message] =
		/RunComfy: execution (\S+), "(.+)", run (\d+)(?:, item (\d+))?: (.+)/.exec(line) ?? [];
	if (execution === undefined) return undefined;
	return { execution, node, run, ...(item && { item: Number(item) }), message };
}

/**
 * The README's recipe for a killed or stopped execution: every request that one of its runs has
 * submitted, unless the output of that run is handed over.
 *
 * @returns request ids, in the order of the log
 */
export function notHandedOver(log: string[], executionId: string): string[] {
	const lines = log.map(runOf).filter((line) => line?.execution === executionId);
	const keyOf = ({ node, run }: LogLine) => `${node} ${run}`;
	const done = new Set(
		lines.flatMap((line) =>
			line?.message.startsWith('the output is handed over') ? [keyOf(line)] : [],
		),
	);
	return lines.flatMap((line) => {
		const [, requestId] = /^request (\S+) is submitted$/.exec(line?.message ?? '') ?? [];
		return line && requestId && !done.has(keyOf(line)) ? [requestId] : [];
	});
}
