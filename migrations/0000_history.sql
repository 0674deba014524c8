CREATE TABLE `bucket` (
	`tenant` text NOT NULL,
	`resolution` integer NOT NULL,
	`start_s` integer NOT NULL,
	`service` text NOT NULL,
	`part` integer NOT NULL,
	`parts` integer NOT NULL,
	`revision` integer NOT NULL,
	`summary` blob NOT NULL,
	`operations` blob NOT NULL,
	PRIMARY KEY(`tenant`, `resolution`, `start_s`, `service`, `part`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `service` (
	`tenant` text NOT NULL,
	`service` text NOT NULL,
	`namespace` text NOT NULL,
	`name` text NOT NULL,
	`environment` text NOT NULL,
	`traits` integer NOT NULL,
	`first_seen_ms` integer NOT NULL,
	`last_seen_ms` integer NOT NULL,
	PRIMARY KEY(`tenant`, `service`)
) WITHOUT ROWID;
