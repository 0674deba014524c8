CREATE TABLE `access_key` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant` text NOT NULL,
	`name` text NOT NULL,
	`scope` text NOT NULL,
	`hash` text NOT NULL,
	`created_ms` integer NOT NULL,
	`expires_ms` integer,
	`revoked_ms` integer,
	`origins` text,
	`services` text,
	`requests_per_second` integer,
	`spans_per_second` integer,
	`body_bytes` integer,
	`max_services` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `access_key_tenant` ON `access_key` (`tenant`);--> statement-breakpoint
CREATE TABLE `key_origin` (
	`origin` text NOT NULL,
	`key` text NOT NULL,
	PRIMARY KEY(`origin`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `key_origin_key` ON `key_origin` (`key`);
