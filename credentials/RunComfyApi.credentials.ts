import type { IAuthenticateGeneric, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class RunComfyApi implements ICredentialType {
	name = 'runComfyApi';

	displayName = 'RunComfy API';

	icon: Icon = { light: 'file:../icons/runcomfy.svg', dark: 'file:../icons/runcomfy.dark.svg' };

	documentationUrl = 'https://github.com/n8n-nodes-runcomfy/n8n-nodes-runcomfy#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'API Token',
			name: 'apiToken',
			type: 'string',
			typeOptions: { password: true },
			required: true,
			default: '',
			description: 'Sent to the two base URLs and nowhere else',
			hint: 'Copy it from your <a href="https://www.runcomfy.com/profile" target="_blank">RunComfy profile</a>, under API Token',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://model-api.runcomfy.net',
			description:
				'Change it only for another RunComfy environment or a local emulator. http:// only works for this machine itself.',
		},
		{
			displayName: 'Serverless Base URL',
			name: 'serverlessBaseUrl',
			type: 'string',
			default: 'https://api.runcomfy.net',
			description: 'The same for the RunComfy Deployment node',
		},
		{
			displayName:
				"'Allowed HTTP Request Domains' is n8n's own setting for its HTTP Request node. To download files from more hosts, use the option 'Allowed Download Hosts' in the RunComfy nodes.",
			name: 'domainsNotice',
			type: 'notice',
			default: '',
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '=Bearer {{$credentials.apiToken}}' } },
	};
}
