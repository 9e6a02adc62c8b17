#pragma once

#include "monitor/api/scene.h"

/// What each path answers. All only read, and are called from several threads at once.
namespace walpulse::monitor::api {

Answer<Content> overview(const Scene& scene, Question& question);
Answer<Content> problems(const Scene& scene, Question& question);
Answer<Content> problem(const Scene& scene, Question& question);
Answer<Content> pipelines(const Scene& scene, Question& question);
Answer<Content> pipeline(const Scene& scene, Question& question);
Answer<Content> runs(const Scene& scene, Question& question);
Answer<Content> run(const Scene& scene, Question& question);
Answer<Content> triggers(const Scene& scene, Question& question);
Answer<Content> schedule(const Scene& scene, Question& question);
Answer<Content> sources(const Scene& scene, Question& question);
Answer<Content> rules_in_force(const Scene& scene, Question& question);
Answer<Content> rules_explained(const Scene& scene, Question& question);
Answer<Content> mutes(const Scene& scene, Question& question);
Answer<Content> deliveries(const Scene& scene, Question& question);

}  // namespace walpulse::monitor::api
