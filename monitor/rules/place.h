#pragma once

#include "monitor/rules/policy.h"
