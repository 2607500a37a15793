/* An independent ear for E1.31: counts what arrives, what is lost, how far apart and how far spread; by the kernel's clock.

   receive ADDRESS PORT UNIVERSES MULTICAST WARM SECONDS RATE

   Listens to UNIVERSES universes from 1 on (MULTICAST: to their groups, on the interface with ADDRESS). After WARM seconds the
   first pause between two frames is waited for; from then on SECONDS are counted, and one line of JSON is said. Frames are
   counted by each universe's own sequence numbers: a frame's spread is from its first packet to its last. A frame that
   was never sent is *skipped*. It knows nothing of
   any sender and shares no code with one. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256
#define MAX_UNIVERSES 64000
#define MAX_FRAMES 65536
#define BINS 100000 /* of 10 us: one second */

static unsigned char packets[BATCH][1024], controls[BATCH][128];
static struct mmsghdr messages[BATCH];
static struct iovec pieces[BATCH];
static int seen[MAX_UNIVERSES], sequence[MAX_UNIVERSES];
static int64_t last[MAX_UNIVERSES], frame_of[MAX_UNIVERSES];
static int64_t first_of[MAX_FRAMES], last_of[MAX_FRAMES];
static int count_of[MAX_FRAMES];
static long off_by[BINS];

static int64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void join(const char *address, int universes) {
    int helper = -1;
    for (int n = 1; n <= universes; n++) { /* a socket may be a member of 20 groups (net.ipv4.igmp_max_memberships) */
        if ((n - 1) % 20 == 0 && (helper = socket(AF_INET, SOCK_DGRAM, 0)) < 0) die("socket");
        struct ip_mreq wish = {.imr_multiaddr.s_addr = htonl(0xEFFF0000u | (uint32_t)n)}; /* E1.31-2018 9.3.1 */
        wish.imr_interface.s_addr = inet_addr(address);
        if (setsockopt(helper, IPPROTO_IP, IP_ADD_MEMBERSHIP, &wish, sizeof wish)) die("joining a group");
    }
}

int main(int argc, char **argv) {
    if (argc != 8) return fprintf(stderr, "receive ADDRESS PORT UNIVERSES MULTICAST WARM SECONDS RATE\n"), 2;
    int port = atoi(argv[2]), universes = atoi(argv[3]), multicast = atoi(argv[4]);
    double warm = atof(argv[5]), seconds = atof(argv[6]), rate = atof(argv[7]);
    if (universes < 1 || universes >= MAX_UNIVERSES) return fprintf(stderr, "1 to %d universes\n", MAX_UNIVERSES - 1), 2;
    int64_t period = (int64_t)(1e9 / rate);

    int ear = socket(AF_INET, SOCK_DGRAM, 0), on = 1, room = 512 << 20;
    if (ear < 0) die("socket");
    setsockopt(ear, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (setsockopt(ear, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room)) setsockopt(ear, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    setsockopt(ear, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(ear, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    struct timeval patience = {.tv_usec = 200000};
    setsockopt(ear, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    if (bind(ear, (struct sockaddr *)&here, sizeof here)) die("bind");
    if (multicast) join(argv[1], universes);
    for (int n = 0; n < BATCH; n++) {
        pieces[n] = (struct iovec){packets[n], sizeof packets[n]};
        messages[n].msg_hdr = (struct msghdr){.msg_iov = &pieces[n], .msg_iovlen = 1, .msg_control = controls[n]};
    }

    int64_t began = now_ns(CLOCK_REALTIME), counts_from = 0, before = 0, pause = 0, newest = 0;
    long arrived = 0, lost = 0, out_of_order = 0, intervals = 0, skipped = 0, deaf_at_start = -1, deaf = 0;
    int64_t longest = 0;
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int64_t now = now_ns(CLOCK_REALTIME);
        if (!counts_from && now - began > (int64_t)((warm + 3) * 1e9)) counts_from = now; /* nobody pauses: count all the same */
        if (counts_from && now > counts_from + (int64_t)((seconds + 0.3) * 1e9)) break;
        for (int n = 0; n < BATCH; n++) messages[n].msg_hdr.msg_controllen = sizeof controls[n];
        int got = recvmmsg(ear, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int n = 0; n < got; n++) {
            unsigned char *p = packets[n];
            if (messages[n].msg_len < 126 || memcmp(p + 4, "ASC-E1.17\0\0\0", 12) || p[21] != 4 || p[125]) continue;
            int64_t at = 0;
            struct msghdr *head = &messages[n].msg_hdr;
            for (struct cmsghdr *c = CMSG_FIRSTHDR(head); c; c = CMSG_NXTHDR(head, c)) {
                if (c->cmsg_level != SOL_SOCKET) continue;
                if (c->cmsg_type == SO_TIMESTAMPNS) {
                    struct timespec t;
                    memcpy(&t, CMSG_DATA(c), sizeof t);
                    at = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
                } else if (c->cmsg_type == SO_RXQ_OVFL) {
                    uint32_t drops;
                    memcpy(&drops, CMSG_DATA(c), sizeof drops);
                    deaf = drops;
                }
            }
            int universe = p[113] << 8 | p[114];
            if (universe < 1 || universe > universes) continue;
            int64_t gap = before ? at - before : 0;
            before = at;
            if (!counts_from) {
                if (at - began > (int64_t)(warm * 1e9)) {
                    if (gap > pause * 6 / 10) counts_from = at; else continue;
                } else {
                    if (at - began > (int64_t)(warm * 5e8) && gap > pause) pause = gap;
                    continue;
                }
            }
            if (at > counts_from + (int64_t)(seconds * 1e9)) continue;
            if (deaf_at_start < 0) deaf_at_start = deaf;
            arrived++;
            newest = at;
            if (!seen[universe]) {
                seen[universe] = 1;
            } else {
                int step = (p[111] - sequence[universe]) & 255;
                if (step == 0 || step > 200) { out_of_order++; continue; }
                lost += step - 1;
                frame_of[universe] += step;
                int64_t apart = at - last[universe], off = llabs(apart - period * step);
                if (apart > longest) longest = apart;
                off_by[off / 10000 < BINS ? off / 10000 : BINS - 1]++;
                intervals++;
                skipped += (apart + period / 2) / period > step ? (apart + period / 2) / period - step : 0;
            }
            sequence[universe] = p[111];
            last[universe] = at;
            int64_t frame = frame_of[universe];
            if (frame < MAX_FRAMES) {
                if (!count_of[frame] || at < first_of[frame]) first_of[frame] = at;
                if (at > last_of[frame]) last_of[frame] = at;
                count_of[frame]++;
            }
        }
    }

    int heard = 0, whole = 0, frames = 0;
    for (int n = 1; n <= universes; n++) heard += seen[n];
    static int64_t spread[MAX_FRAMES];
    for (int n = 0; n < MAX_FRAMES && count_of[n]; n++) {
        frames++;
        if (count_of[n] == heard) spread[whole++] = last_of[n] - first_of[n];
    }
    qsort(spread, whole, sizeof *spread, by_size);
    long below = 0, p50 = -1, p99 = -1, top = 0;
    for (int n = 0; n < BINS; n++) {
        below += off_by[n];
        if (off_by[n]) top = n;
        if (p50 < 0 && below * 2 >= intervals) p50 = n;
        if (p99 < 0 && below * 100 >= intervals * 99) p99 = n;
    }
    printf("{\"universes\": %d, \"packets\": %ld, \"lost\": %ld, \"skipped\": %ld, \"out_of_order\": %ld, \"deaf\": %ld, \"frames\": %d, \"whole\": %d, "
           "\"rate\": %.3f, \"off_p50_us\": %ld, \"off_p99_us\": %ld, \"off_max_us\": %ld, \"longest_us\": %ld, "
           "\"spread_p50_us\": %ld, \"spread_p99_us\": %ld, \"spread_max_us\": %ld}\n",
           heard, arrived, lost, skipped, out_of_order, deaf_at_start < 0 ? 0 : deaf - deaf_at_start, frames, whole,
           heard && newest > counts_from ? (double)arrived / heard / ((newest - counts_from) / 1e9) : 0.0,
           p50 * 10 + 10, p99 * 10 + 10, top * 10 + 10, (long)(longest / 1000), whole ? (long)(spread[whole / 2] / 1000) : -1,
           whole ? (long)(spread[whole * 99 / 100] / 1000) : -1, whole ? (long)(spread[whole - 1] / 1000) : -1);
    return 0;
}
