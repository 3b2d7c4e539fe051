import { TestEnvironment } from 'jest-environment-node';

/** Node's environment, and in it the warnings of the process, which Jest keeps from the tests. */
export default class extends TestEnvironment {
	warnings = [];
	note = ({ name, message }) => void this.warnings.push(`${name}: ${message}`);

	async setup() {
		await super.setup();
		this.global.processWarnings = this.warnings;
		process.on('warning', this.note);
	}

	async teardown() {
		process.off('warning', this.note);
		await super.teardown();
	}
}
