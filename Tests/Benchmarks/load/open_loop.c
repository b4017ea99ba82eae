// Requests at times fixed beforehand, whatever the answers do: latency counts from the scheduled time, so a stall is paid by
// every request that had to wait for it.
//
//   open_loop PORT PATH BODIES CONNECTIONS RATE SECONDS SEED LATENCIES
//
// Posts the bodies (one a line) in turn at RATE a second on average, gaps drawn from the exponential distribution. A request whose
// time has come takes a free connection, or waits for one. LATENCIES gets one little-endian float32 (milliseconds) an answer.
// Prints "sent answered failed late": late are those that waited for a connection. Exit status 1 if any failed.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct text { char *bytes; size_t length; };

struct connection {
  int file;
  int busy;
  double scheduled;
  struct text request;
  size_t sent;
  char answer[1 << 18];
  size_t received;
};

static void fail(const char *what) { perror(what); exit(2); }

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

// Uniform above 0 up to 1, by xorshift.
static double uniform(uint64_t *state) {
  *state ^= *state << 13; *state ^= *state >> 7; *state ^= *state << 17;
  return ((*state >> 11) + 1) * 0x1p-53;
}

static struct text *read_requests(const char *file_name, const char *path, size_t *count) {
  FILE *file = fopen(file_name, "r");
  if (!file) fail(file_name);
  struct text *requests = NULL;
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  while ((length = getline(&line, &room, file)) > 0) {
    while (length > 0 && line[length - 1] == '\n') length--;
    if (length == 0) continue;
    requests = realloc(requests, (*count + 1) * sizeof *requests);
    char *head = NULL;
    int head_length = asprintf(&head, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                      "Content-Length: %zd\r\n\r\n", path, length);
    if (head_length < 0 || !requests) fail("memory");
    head = realloc(head, head_length + length);
    if (!head) fail("memory");
    memcpy(head + head_length, line, length);
    requests[*count] = (struct text){head, head_length + length};
    (*count)++;
  }
  fclose(file);
  return requests;
}

static int connect_to(int port) {
  int file = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (file < 0 || connect(file, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return file;
}

static void push(struct connection *connection) {
  while (connection->sent < connection->request.length) {
    ssize_t count = send(connection->file, connection->request.bytes + connection->sent,
                         connection->request.length - connection->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) fail("send");
    connection->sent += count;
  }
}

static void start(struct connection *connection, struct text request, double scheduled) {
  connection->busy = 1;
  connection->scheduled = scheduled;
  connection->request = request;
  connection->sent = connection->received = 0;
  push(connection);
}

// The HTTP status once the answer is whole, else 0. Reads Content-Length and chunked bodies.
static int status_if_whole(struct connection *connection) {
  connection->answer[connection->received] = 0;
  char *end = strstr(connection->answer, "\r\n\r\n");
  if (!end) return 0;
  int status = atoi(connection->answer + 9);
  char *body = end + 4;
  size_t have = connection->received - (body - connection->answer);
  *end = 0;
  char *length = strcasestr(connection->answer, "content-length:");
  char *chunked = strcasestr(connection->answer, "transfer-encoding: chunked");
  *end = '\r';
  if (length) return have >= strtoul(length + 15, NULL, 10) ? status : 0;
  if (chunked) return have >= 5 && memcmp(body + have - 5, "0\r\n\r\n", 5) == 0 ? status : 0;
  return status;
}

int main(int count, char **arguments) {
  if (count != 9) {
    fprintf(stderr, "usage: open_loop PORT PATH BODIES CONNECTIONS RATE SECONDS SEED LATENCIES\n");
    return 64;
  }
  size_t request_count = 0;
  struct text *requests = read_requests(arguments[3], arguments[2], &request_count);
  int width = atoi(arguments[4]);
  double rate = atof(arguments[5]), seconds = atof(arguments[6]);
  uint64_t state = strtoull(arguments[7], NULL, 10) * 0x9E3779B97F4A7C15u + 1;
  FILE *latencies = fopen(arguments[8], "wb");
  struct connection *connections = calloc(width, sizeof *connections);
  struct pollfd *polled = calloc(width, sizeof *polled);
  if (!latencies || !connections || !polled || request_count == 0 || rate <= 0) fail("arguments");
  for (int i = 0; i < width; i++) connections[i].file = polled[i].fd = connect_to(atoi(arguments[1]));

  prctl(PR_SET_TIMERSLACK, 1000UL);  // wake within microseconds, not the usual 50

  double begin = now() + 0.01, next = begin, end = begin + seconds;
  size_t sent = 0, answered = 0, failed = 0, late = 0;
  int busy = 0;
  while (1) {
    double time = now();
    if (time > end + 30) { failed += busy; break; }
    if (next >= end && busy == 0) break;
    for (int i = 0; i < width && next <= time && next < end; i++) {
      if (connections[i].busy) continue;
      if (time - next > 0.002) late++;
      start(&connections[i], requests[sent % request_count], next);
      sent++;
      busy++;
      next += -log(uniform(&state)) / rate;
    }
    // Until an answer comes, or the next request is due.
    double wait = next < end && busy < width ? next - now() : 0.05;
    struct timespec limit = {0, wait > 0 ? (long)((wait < 0.05 ? wait : 0.05) * 1e9) : 0};
    for (int i = 0; i < width; i++) {
      polled[i].events = !connections[i].busy ? 0
          : connections[i].sent < connections[i].request.length ? POLLIN | POLLOUT : POLLIN;
      polled[i].revents = 0;
    }
    if (ppoll(polled, width, &limit, NULL) <= 0) continue;
    for (int i = 0; i < width; i++) {
      struct connection *connection = &connections[i];
      if (!polled[i].revents) continue;
      if (polled[i].revents & POLLOUT) push(connection);
      if (!(polled[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      ssize_t got = recv(connection->file, connection->answer + connection->received,
                         sizeof connection->answer - 1 - connection->received, MSG_DONTWAIT);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (got <= 0) {
        // Closed by the server, or more than the buffer holds.
        if (connection->busy) { failed++; busy--; connection->busy = 0; }
        close(connection->file);
        connection->file = polled[i].fd = connect_to(atoi(arguments[1]));
        continue;
      }
      connection->received += got;
      int status = status_if_whole(connection);
      if (!status) continue;
      if (status >= 200 && status < 300) {
        float milliseconds = (now() - connection->scheduled) * 1000;
        fwrite(&milliseconds, sizeof milliseconds, 1, latencies);
        answered++;
      } else {
        failed++;
      }
      connection->busy = 0;
      busy--;
    }
  }
  // What should have been sent and found no connection in time is a failure too.
  while (next < end) { failed++; next += -log(uniform(&state)) / rate; }
  fclose(latencies);
  printf("%zu %zu %zu %zu\n", sent, answered, failed, late);
  return failed > 0;
}
