/* A bounded queue, one worker; results wait until the loop fetches them. */
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "console/serve/pins.h"
#include "proto/control.h"

struct job {
	uint64_t ticket;
	char line[2][160], pin[2][PIN_MAX + 1];
	size_t pin_size[2];
	enum pin result[2];
};

struct pins {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t work;
	struct job queue[PINS_QUEUE_MAX];
	size_t asked, checked, fetched;       /* ever growing; a slot is its number modulo the queue */
	bool stop;
	int event_fd;
};

static enum pin check(const char *line, const char *pin, size_t size)
{
	if (!*line || !size)
		return PIN_NONE;
	return crypto_pwhash_str_verify(line, pin, size) == 0 ? PIN_RIGHT : PIN_WRONG;
}

static void *worker(void *arg)
{
	struct pins *pins = arg;
	pthread_mutex_lock(&pins->mutex);
	while (!pins->stop) {
		if (pins->checked == pins->asked) {
			pthread_cond_wait(&pins->work, &pins->mutex);
			continue;
		}
		struct job *job = &pins->queue[pins->checked % PINS_QUEUE_MAX];
		pthread_mutex_unlock(&pins->mutex);
		for (int i = 0; i < 2; i++)
			job->result[i] = check(job->line[i], job->pin[i], job->pin_size[i]);
		sodium_memzero(job->pin, sizeof job->pin);
		pthread_mutex_lock(&pins->mutex);
		pins->checked++;
		uint64_t one = 1;
		ssize_t written = write(pins->event_fd, &one, sizeof one);
		(void)written;
	}
	pthread_mutex_unlock(&pins->mutex);
	return NULL;
}

int pins_new(struct pins **ret_pins)
{
	struct pins *pins = calloc(1, sizeof *pins);
	if (!pins)
		return ERR_MEMORY;
	pins->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&pins->mutex, NULL);
	pthread_cond_init(&pins->work, NULL);
	if (pins->event_fd < 0 || pthread_create(&pins->thread, NULL, worker, pins)) {
		free(pins);
		return ERR_MEMORY;
	}
	*ret_pins = pins;
	return 0;
}

void pins_free(struct pins *pins)
{
	if (!pins)
		return;
	pthread_mutex_lock(&pins->mutex);
	pins->stop = true;
	pthread_cond_signal(&pins->work);
	pthread_mutex_unlock(&pins->mutex);
	pthread_join(pins->thread, NULL);
	close(pins->event_fd);
	sodium_memzero(pins, sizeof *pins);
	free(pins);
}

int pins_ask(struct pins *pins, uint64_t ticket, const char *line, struct slice pin, const char *second_line, struct slice second_pin)
{
	int error = ERR_BUSY;
	pthread_mutex_lock(&pins->mutex);
	if (pins->asked - pins->fetched < PINS_QUEUE_MAX) {
		struct job *job = &pins->queue[pins->asked++ % PINS_QUEUE_MAX];
		job->ticket = ticket;
		slice_copy(job->line[0], sizeof job->line[0], slice_of(line));
		slice_copy(job->line[1], sizeof job->line[1], slice_of(second_line));
		slice_copy(job->pin[0], sizeof job->pin[0], pin);
		slice_copy(job->pin[1], sizeof job->pin[1], second_pin);
		job->pin_size[0] = pin.size;
		job->pin_size[1] = second_pin.size;
		pthread_cond_signal(&pins->work);
		error = 0;
	}
	pthread_mutex_unlock(&pins->mutex);
	return error;
}

int pins_fd(const struct pins *pins)
{
	return pins->event_fd;
}

int pins_next(struct pins *pins, uint64_t *ret_ticket, enum pin *ret_pin, enum pin *ret_second)
{
	int error = ERR_NOT_FOUND;
	pthread_mutex_lock(&pins->mutex);
	if (pins->fetched < pins->checked) {
		const struct job *job = &pins->queue[pins->fetched++ % PINS_QUEUE_MAX];
		*ret_ticket = job->ticket;
		*ret_pin = job->result[0];
		*ret_second = job->result[1];
		error = 0;
	} else {
		uint64_t count;
		ssize_t got = read(pins->event_fd, &count, sizeof count);
		(void)got;
	}
	pthread_mutex_unlock(&pins->mutex);
	return error;
}
