// Package pages lists records for stores that read them page by page.
//
// Its exported API only grows: stores of different versions share it.
package pages
