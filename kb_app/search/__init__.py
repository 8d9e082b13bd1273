"""A question becomes passages: both searches fused, scored and put in order."""
