CREATE TABLE `anomaly` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`service` text NOT NULL,
	`service_name` text NOT NULL,
	`edge` text NOT NULL,
	`metric` text NOT NULL,
	`severity` text NOT NULL,
	`started_ms` integer NOT NULL,
	`raised_ms` integer,
	`ended_ms` integer,
	`revision` integer NOT NULL,
	`body` text NOT NULL,
	`candidates` text,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `anomaly_time` ON `anomaly` (`tenant`,`started_ms`,`id`);--> statement-breakpoint
CREATE INDEX `anomaly_lasting` ON `anomaly` (`tenant`,`started_ms`,`id`) WHERE ended_ms IS NULL;