package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// call counts, signs in, watches, and signs out.
func call(ctx context.Context, out io.Writer, addr string) (err error) {
	k := new(keeper)
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(insecure.NewCredentials()), // on this machine; use TLS elsewhere
		grpc.WithChainUnaryInterceptor(k.unary), grpc.WithChainStreamInterceptor(k.stream))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	invoke := func(method, message string) (int64, error) {
		n := new(wrapperspb.Int64Value)
		err := conn.Invoke(ctx, "/example.Visits/"+method, wrapperspb.String(message), n)
		return n.Value, err
	}
	for range 2 {
		n, err := invoke("Count", "")
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(out, "visit", n)
	}
	if _, err := invoke("SignIn", "ann"); err != nil {
		return err
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/example.Visits/Watch")
	if err != nil {
		return err
	}
	if err := errors.Join(stream.SendMsg(new(emptypb.Empty)), stream.CloseSend()); err != nil {
		return err
	}
	name := new(wrapperspb.StringValue)
	if err := stream.RecvMsg(name); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "signed in as", name.Value)
	if _, err := invoke("SignOut", ""); err != nil {
		return err
	}
	for err == nil { // until the server notices the logout
		err = stream.RecvMsg(name)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	_, _ = fmt.Fprintln(out, "signed out")
	return nil
}

// keeper keeps the token of the client's session.
type keeper struct {
	mu    sync.Mutex
	token string
}

// unary sends the token and keeps a new one.
func (k *keeper) unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	var header, trailer metadata.MD
	err := invoke(k.send(ctx), method, req, reply, conn, append(options, grpc.Header(&header), grpc.Trailer(&trailer))...)
	if brought := metadata.Join(header, trailer).Get("x-session-token"); len(brought) > 0 { // also with an error
		k.mu.Lock()
		defer k.mu.Unlock()
		k.token = brought[0]
	}
	return err
}

// stream sends the token. The streams of this program bring no new one.
func (k *keeper) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, streamer grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return streamer(k.send(ctx), desc, conn, method, options...)
}

// send adds the token to the metadata of a call.
func (k *keeper) send(ctx context.Context) context.Context {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+k.token)
}
