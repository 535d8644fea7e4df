// Package redisstore keeps session records in Redis.
package redisstore
