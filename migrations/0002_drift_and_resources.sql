CREATE TABLE `drift_event` (
	`tenant` text NOT NULL,
	`id` text NOT NULL,
	`resource_id` text NOT NULL,
	`bare_id` text NOT NULL,
	`resource_type` text NOT NULL,
	`type` text NOT NULL,
	`severity` text NOT NULL,
	`time_ms` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`tenant`, `id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `drift_event_time` ON `drift_event` (`tenant`,`time_ms`,`id`);--> statement-breakpoint
CREATE INDEX `drift_event_resource` ON `drift_event` (`tenant`,`bare_id`,`time_ms`,`id`);--> statement-breakpoint
CREATE TABLE `resource_graph` (
	`tenant` text PRIMARY KEY NOT NULL,
	`version` text NOT NULL,
	`nodes` integer NOT NULL,
	`edges` integer NOT NULL,
	`source` text NOT NULL,
	`received_ms` integer NOT NULL,
	`asked_ms` integer NOT NULL,
	`failure` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `resource_graph_part` (
	`tenant` text NOT NULL,
	`version` text NOT NULL,
	`part` integer NOT NULL,
	`body` blob NOT NULL,
	PRIMARY KEY(`tenant`, `version`, `part`)
);
--> statement-breakpoint
CREATE TABLE `resource_mapping` (
	`tenant` text NOT NULL,
	`service` text NOT NULL,
	`source` text NOT NULL,
	`resource` text NOT NULL,
	`first_seen_ms` integer NOT NULL,
	`last_seen_ms` integer NOT NULL,
	`traces` integer NOT NULL,
	PRIMARY KEY(`tenant`, `service`, `source`, `resource`)
) WITHOUT ROWID;
