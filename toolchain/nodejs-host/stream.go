package main

import (
	"io"
	"slices"
	"sync"
)

// streamLock serialises the writers of one gRPC stream: stdout and stderr are copied concurrently,
// and a stream takes one message at a time.
type streamLock struct{ mutex sync.Mutex }

type streamWriter struct {
	lock *streamLock
	send func([]byte) error
}

func (lock *streamLock) writer(send func([]byte) error) io.Writer {
	return &streamWriter{lock: lock, send: send}
}

func (w *streamWriter) Write(data []byte) (int, error) {
	w.lock.mutex.Lock()
	defer w.lock.mutex.Unlock()
	// The caller reuses its buffer; gRPC may still hold the message.
	if err := w.send(slices.Clone(data)); err != nil {
		return 0, err
	}
	return len(data), nil
}
