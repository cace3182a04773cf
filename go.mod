module github.com/centralita/centralita

go 1.26.0

require (
	github.com/gorilla/websocket v1.5.3
	google.golang.org/protobuf v1.36.12
)
