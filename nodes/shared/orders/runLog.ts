/** n8n's log, as the node writes to it. */
export interface RunLog {
	/** What a killed execution leaves behind: n8n's default level. */
	info(message: string): void;
	debug(message: string): void;
}
