/** A line that a run of the node has written to n8n's log. */
interface LogLine {
	execution: string;
	node: string;
	run: string;
	message: string;
}

/** Reads a line of n8n's log; nothing when the node has not written it. */
export function runOf(line: string): LogLine | undefined {
	const [, execution, node, run, message] =
		/RunComfy: execution (\S+), "(.+)", run (\d+)(?:, item \d+)?: (.+)/.exec(line) ?? [];
	return execution === undefined ? undefined : { execution, node, run, message };
}

/**
 * The README's recipe for a killed or stopped execution: every request that one of its runs has
 * submitted, unless the output of that run is handed over, and the run was not begun again after it.
 *
 * @returns request ids, in the order of the log
 */
export function notHandedOver(log: string[], executionId: string): string[] {
	const lines = log.map(runOf).filter((line) => line?.execution === executionId);
	const keyOf = ({ node, run }: LogLine) => `${node} ${run}`;
	const done = new Set<string>();
	for (const line of lines) {
		if (line?.message.startsWith('the output is handed over')) done.add(keyOf(line));
		if (line?.message.startsWith('the node is run again')) done.delete(keyOf(line));
	}
	return lines.flatMap((line) => {
		const [, requestId] = /^request (\S+) is submitted$/.exec(line?.message ?? '') ?? [];
		return line && requestId && !done.has(keyOf(line)) ? [requestId] : [];
	});
}
