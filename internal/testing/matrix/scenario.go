package matrix

// Scenario is a row of the table.
type Scenario string

// The scenarios, in the order of the table.
const (
	Text            Scenario = "text: counts 1, 2, 3; one cookie with its attributes"
	Parallel        Scenario = "parallel requests: all count, and visitors are kept apart"
	Unused          Scenario = "page without a session: no store operation, no cookie"
	Redirect        Scenario = "redirect"
	JSON            Scenario = "JSON"
	File            Scenario = "file"
	Head            Scenario = "HEAD"
	NotModified     Scenario = "304 Not Modified"
	Stream          Scenario = "stream with a change after the first flush"
	Events          Scenario = "server-sent events with a save in between"
	SocketNew       Scenario = "WebSocket of a new visitor: the cookie comes with the upgrade"
	SocketKnown     Scenario = "WebSocket of a known visitor: each message is saved"
	Rejected        Scenario = "the framework's 4xx: changes are saved"
	Failed          Scenario = "the framework's 5xx: changes and login are dropped"
	FailedLogout    Scenario = "the framework's 5xx: a logout stands"
	PanicInside     Scenario = "panic, recovered inside: changes and login are dropped"
	PanicOutside    Scenario = "panic, recovered outside: changes and login are dropped"
	ClientLeaves    Scenario = "client goes away: changes are saved"
	ContextEnds     Scenario = "client goes away: the handler's context ends, changes are saved"
	DownBefore      Scenario = "store down at load: 503"
	DownDuring      Scenario = "store down at Save in the handler: 503"
	DownAfter       Scenario = "store down at the end: 503 instead of the handler's response"
	TimeoutInside   Scenario = "timeout inside: changes are dropped"
	TimeoutOutside  Scenario = "timeout outside: changes are dropped"
	CompressInside  Scenario = "compression inside"
	CompressOutside Scenario = "compression outside"
	Twice           Scenario = "middleware installed twice"
	Group           Scenario = "middleware of a route group"
	TwoManagers     Scenario = "two managers"
	LoginLogout     Scenario = "login: new token, the token before is dead; logout"
	CrossSite       Scenario = "login: a form of another site is refused"
	Renewals        Scenario = "20 parallel renewals: all succeed, still signed in"
	Everywhere      Scenario = "logout everywhere"
)
