CREATE TABLE `correlation_report` (
	`tenant` text NOT NULL,
	`drift_id` text NOT NULL,
	`verdict` text NOT NULL,
	`time_ms` integer NOT NULL,
	`generated_ms` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`tenant`, `drift_id`)
);
--> statement-breakpoint
CREATE INDEX `correlation_report_time` ON `correlation_report` (`tenant`,`time_ms`,`drift_id`);