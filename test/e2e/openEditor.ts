import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import type { N8n } from '../host/N8n';

const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOTS = resolve(__dirname, '../../output/screenshots');
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** `describe`, unless there is no browser for it. */
export const describeInBrowser = existsSync(CHROMIUM) ? describe : describe.skip;

if (!existsSync(CHROMIUM)) {
	process.stdout.write('The editor is skipped: chromium is not installed.\n');
}

/** The editor of n8n in a browser, with its owner signed in. */
export interface Editor {
	page: Page;
	/** What n8n itself names for tests. */
	part(id: string): Locator;
	/** The control of a parameter. */
	field(name: string): Locator;
	/** Keeps what is to be seen now in `output/screenshots`. */
	shot(name: string): Promise<void>;
	close(): Promise<void>;
}

export async function openEditor(n8n: N8n): Promise<Editor> {
	mkdirSync(SCREENSHOTS, { recursive: true });
	const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
	const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
	const page = await context.newPage();
	page.setDefaultTimeout(20_000);
	await page.goto(`${n8n.url}/signin`);
	await page
		.locator('input[type=email], input[name=emailOrLdapLoginId]')
		.first()
		.fill(n8n.owner.email);
	await page.locator('input[type=password]').fill(n8n.owner.password);
	await page.keyboard.press('Enter');
	await page.waitForURL(/home|workflow/);
	const part = (id: string) => page.locator(`[data-test-id="${id}"]`);
	return {
		page,
		part,
		field: (name) => part(`parameter-input-${name}`).first(),
		shot: async (name) => void (await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })),
		close: async () => await browser.close(),
	};
}
