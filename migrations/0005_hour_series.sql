CREATE TABLE `hour_series` (
	`tenant` text NOT NULL,
	`service` text NOT NULL,
	`start_s` integer NOT NULL,
	`revision` integer NOT NULL,
	`body` text NOT NULL,
	PRIMARY KEY(`tenant`, `service`, `start_s`)
) WITHOUT ROWID;
