/* What C can do: N universes of E1.31, all slots fading, at RATE frames a second, by one of the system calls.

   send HOW UNIVERSES EACH HOST ADDRESS PORT RATE SECONDS PRIORITY

   HOW: sendto, sendmmsg or gso. HOST 239.255.0.0: a group per universe; else EACH universes go to HOST, the next ones to HOST
   plus 256, and so on. Says its CPU time, and how much of it was in the calls, as one line of JSON. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define SIZE 638
#define SLOTS 512
#define SOL_UDP_ 17
#define UDP_SEGMENT_ 103
#define LONGEST 64

static int64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void header(unsigned char *p, int universe) { /* E1.31-2018 table 4-1 */
    memset(p, 0, SIZE);
    p[1] = 0x10;
    memcpy(p + 4, "ASC-E1.17\0\0\0", 12);
    p[16] = 0x70 | (SIZE - 16) >> 8, p[17] = (SIZE - 16) & 255, p[21] = 4;
    memcpy(p + 22, "a sender in C...", 16);
    p[38] = 0x70 | (SIZE - 38) >> 8, p[39] = (SIZE - 38) & 255, p[43] = 2;
    strcpy((char *)p + 44, "C");
    p[108] = 100, p[113] = universe >> 8, p[114] = universe & 255;
    p[115] = 0x70 | (SIZE - 115) >> 8, p[116] = (SIZE - 115) & 255, p[117] = 2, p[118] = 0xa1, p[122] = 1;
    p[123] = (SLOTS + 1) >> 8, p[124] = (SLOTS + 1) & 255;
}

int main(int argc, char **argv) {
    if (argc != 10) return fprintf(stderr, "send HOW UNIVERSES EACH HOST ADDRESS PORT RATE SECONDS PRIORITY\n"), 2;
    int count = atoi(argv[2]), each = atoi(argv[3]), port = atoi(argv[6]), rate = atoi(argv[7]), room = 8 << 20;
    int gso = !strcmp(argv[1], "gso"), many = !strcmp(argv[1], "sendmmsg");
    uint32_t host = ntohl(inet_addr(argv[4]));
    int multicast = host >> 28 == 14;
    int64_t frames = (int64_t)(atof(argv[8]) * rate);
    struct sched_param priority = {.sched_priority = atoi(argv[9])};
    int realtime = priority.sched_priority && !sched_setscheduler(0, SCHED_FIFO, &priority);

    int out = socket(AF_INET, SOCK_DGRAM, 0);
    struct in_addr interface = {.s_addr = inet_addr(argv[5])};
    setsockopt(out, IPPROTO_IP, IP_MULTICAST_IF, &interface, sizeof interface);
    setsockopt(out, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = interface};
    if (out < 0 || bind(out, (struct sockaddr *)&here, sizeof here)) return perror("bind"), 1;

    unsigned char *buffer = malloc((size_t)count * SIZE);
    int32_t *source = malloc((size_t)count * SLOTS * 4), *way = malloc((size_t)count * SLOTS * 4);
    struct sockaddr_in *to = calloc(count, sizeof *to);
    struct mmsghdr *messages = calloc(count, sizeof *messages);
    struct iovec *pieces = calloc(count, sizeof *pieces);
    for (int n = 0; n < count; n++) {
        header(buffer + (size_t)n * SIZE, n + 1);
        to[n].sin_family = AF_INET, to[n].sin_port = htons(port);
        to[n].sin_addr.s_addr = htonl(multicast ? 0xEFFF0000u | (uint32_t)(n + 1) : host + 256u * (uint32_t)(n / each));
        pieces[n] = (struct iovec){buffer + (size_t)n * SIZE, SIZE};
        messages[n].msg_hdr = (struct msghdr){.msg_name = &to[n], .msg_namelen = sizeof *to, .msg_iov = &pieces[n], .msg_iovlen = 1};
    }
    for (int64_t n = 0; n < (int64_t)count * SLOTS; n++) {
        source[n] = n * 977 % 65536;
        way[n] = (source[n] + 32768) % 65536 - source[n];
    }

    int64_t calls = 0, dropped = 0, missed = 0, sent = 0;
    printf("ready\n");
    fflush(stdout);
    int64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID), epoch = now_ns(CLOCK_MONOTONIC) + 10000000;
    for (int64_t k = 0; k < frames; k++) {
        int64_t due = epoch + k * 1000000000 / rate;
        if (now_ns(CLOCK_MONOTONIC) > epoch + (k + 1) * 1000000000 / rate) { missed++; continue; }
        int32_t progress = (int32_t)(k * 32768 / (60 * rate));
        for (int n = 0; n < count; n++) {
            unsigned char *p = buffer + (size_t)n * SIZE;
            int32_t *s = source + (size_t)n * SLOTS, *w = way + (size_t)n * SLOTS;
            p[111]++;
            for (int i = 0; i < SLOTS; i++) p[126 + i] = (unsigned char)((s[i] + ((w[i] * progress + 16384) >> 15)) >> 8);
        }
        struct timespec t = {due / 1000000000, due % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        int64_t began = now_ns(CLOCK_THREAD_CPUTIME_ID);
        if (gso) {
            for (int n = 0; n < count;) {
                int run = 1, room_left = count - n < LONGEST ? count - n : LONGEST;
                while (run < room_left && to[n + run].sin_addr.s_addr == to[n].sin_addr.s_addr) run++;
                struct iovec piece = {buffer + (size_t)n * SIZE, (size_t)run * SIZE};
                union { char room[CMSG_SPACE(2)]; struct cmsghdr align; } control = {0};
                struct msghdr one = {.msg_name = &to[n], .msg_namelen = sizeof *to, .msg_iov = &piece, .msg_iovlen = 1};
                if (run > 1) {
                    one.msg_control = &control, one.msg_controllen = sizeof control;
                    struct cmsghdr *c = CMSG_FIRSTHDR(&one);
                    c->cmsg_level = SOL_UDP_, c->cmsg_type = UDP_SEGMENT_, c->cmsg_len = CMSG_LEN(2);
                    uint16_t size = SIZE;
                    memcpy(CMSG_DATA(c), &size, 2);
                }
                if (sendmsg(out, &one, 0) < 0) dropped += run;
                n += run;
            }
        } else if (many) {
            for (int n = 0; n < count;) {
                int took = sendmmsg(out, messages + n, count - n, 0);
                if (took <= 0) { dropped++; took = 1; }
                n += took;
            }
        } else {
            for (int n = 0; n < count; n++)
                if (sendto(out, buffer + (size_t)n * SIZE, SIZE, 0, (struct sockaddr *)&to[n], sizeof *to) < 0) dropped++;
        }
        calls += now_ns(CLOCK_THREAD_CPUTIME_ID) - began;
        sent++;
    }
    cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"cpu_s\": %.6f, \"send_s\": %.6f, \"frames\": %ld, \"missed\": %ld, \"dropped\": %ld, \"realtime\": %d}\n", cpu / 1e9,
           calls / 1e9, (long)sent, (long)missed, (long)dropped, realtime);
    return 0;
}
