/** The answers of brokers to requests that kafkajs decodes, as far as they are looked at. */

export interface TopicMetadata {
	readonly topicErrorCode: number;
	readonly topic: string;
	readonly partitionMetadata: readonly {
		readonly partitionErrorCode: number;
		readonly partitionId: number;
		readonly leader: number;
		readonly replicas: readonly number[];
		readonly isr: readonly number[];
	}[];
}

export interface Metadata {
	readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
	readonly controllerId: number;
	readonly topicMetadata: readonly TopicMetadata[];
}

export interface Answers {
	Metadata: Metadata;
	ListOffsets: {
		readonly responses: readonly {
			readonly topic: string;
			readonly partitions: readonly {
				readonly partition: number;
				readonly errorCode: number;
				readonly offset: string;
			}[];
		}[];
	};
	GroupCoordinator: { readonly errorCode: number; readonly coordinator: { readonly nodeId: number } };
	JoinGroup: {
		readonly errorCode: number;
		readonly generationId: number;
		readonly leaderId: string;
		readonly memberId: string;
		readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
	};
	SyncGroup: { readonly errorCode: number; readonly memberAssignment: Buffer };
	Heartbeat: { readonly errorCode: number };
	OffsetCommit: object;
	LeaveGroup: { readonly errorCode: number };
	DescribeGroups: { readonly groups: readonly { readonly errorCode: number; readonly members: readonly object[] }[] };
	CreateTopics: {
		readonly topicErrors: readonly {
			readonly topic: string;
			readonly errorCode: number;
			readonly errorMessage: string | null;
		}[];
	};
	DescribeConfigs: {
		readonly resources: readonly {
			readonly errorCode: number;
			readonly errorMessage: string | null;
			readonly resourceName: string;
			readonly configEntries: readonly {
				readonly configName: string;
				readonly configValue: string;
				/** 1: set for this topic. */
				readonly configSource: number;
			}[];
		}[];
	};
	AlterConfigs: {
		readonly resources: readonly {
			readonly errorCode: number;
			readonly errorMessage: string | null;
			readonly resourceName: string;
		}[];
	};
	DeleteRecords: {
		readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
	};
}
