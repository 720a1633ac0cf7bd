// Copyright: (c) 2026, acmp.middleware contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// The smallest workload that looks like one: it listens, answers HTTP 200, and misbehaves when told to. It speaks HTTP
// by hand because net/http would triple the binary and the memory of each of hundreds of pods.
package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const usage = `tiny: a workload for tests, told what to do by its environment
  PORT              port to listen on, on all addresses of the pod (default 8080)
  TINY_READY_AFTER  seconds until GET /ready answers 200 instead of 503 (default 0)
  TINY_NEVER_READY  true: GET /ready always answers 503
  TINY_CRASH_AFTER  seconds until the process exits with TINY_EXIT_CODE (default: never)
  TINY_EXIT_CODE    exit code of a crash (default 1)
  TINY_MESSAGE      a line logged at the start and before a crash
  TINY_IGNORE_TERM  true: SIGTERM is ignored, so that only the grace period ends the pod
GET /ready follows the settings above, any other path answers 200 with version, host name and path.
`

func seconds(name string) (time.Duration, bool) {
	text := os.Getenv(name)
	if text == "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number < 0 {
		fmt.Fprintf(os.Stderr, "tiny: %s is %q, but must be a number of seconds\n", name, text)
		os.Exit(2)
	}
	return time.Duration(number * float64(time.Second)), true
}

func isTrue(name string) bool {
	value, _ := strconv.ParseBool(os.Getenv(name))
	return value
}

func answer(connection net.Conn, ready func() bool, about string) {
	defer connection.Close()
	reader := bufio.NewReaderSize(connection, 4096)
	for {
		_ = connection.SetDeadline(time.Now().Add(time.Minute))
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		closing := strings.Contains(line, "HTTP/1.0")
		for {
			header, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			header = strings.ToLower(strings.TrimSpace(header))
			if header == "" {
				break
			}
			closing = closing || header == "connection: close"
		}
		path := "/"
		if words := strings.Fields(line); len(words) > 1 {
			path = words[1]
		}
		status, body := "200 OK", fmt.Sprintf("%s %s\n", about, path)
		if strings.HasPrefix(path, "/ready") && !ready() {
			status, body = "503 Service Unavailable", "not ready\n"
		}
		fmt.Fprintf(connection, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", status, len(body))
		if !strings.HasPrefix(line, "HEAD") {
			_, _ = connection.Write([]byte(body))
		}
		if closing {
			return
		}
	}
}

func main() {
	if len(os.Args) > 1 {
		fmt.Print(usage)
		return
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	host, _ := os.Hostname()
	about := fmt.Sprintf("tiny %s on %s", os.Getenv("TINY_VERSION"), host)
	readyAfter, _ := seconds("TINY_READY_AFTER")
	started, neverReady := time.Now(), isTrue("TINY_NEVER_READY")
	ready := func() bool { return !neverReady && time.Since(started) >= readyAfter }

	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fmt.Fprintf(os.Stderr, "tiny: cannot listen on port %s: %v; set PORT to a free one\n", port, err)
		os.Exit(1)
	}
	fmt.Printf("%s listens on port %s\n", about, port)
	if message := os.Getenv("TINY_MESSAGE"); message != "" {
		fmt.Println(message)
	}
	if after, set := seconds("TINY_CRASH_AFTER"); set {
		code, err := strconv.Atoi(os.Getenv("TINY_EXIT_CODE"))
		if err != nil {
			code = 1
		}
		time.AfterFunc(after, func() {
			fmt.Fprintf(os.Stderr, "tiny: crashes as asked after %s: %s\n", after, os.Getenv("TINY_MESSAGE"))
			os.Exit(code)
		})
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		for range signals {
			if !isTrue("TINY_IGNORE_TERM") {
				os.Exit(0)
			}
		}
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go answer(connection, ready, about)
	}
}
